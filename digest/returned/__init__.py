"""Mail that came back: ``reading`` says what it says, ``weighing`` what follows from it."""
