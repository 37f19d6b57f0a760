"""Who is who: sighting and candidates to same, new or unsure, with the reason."""
