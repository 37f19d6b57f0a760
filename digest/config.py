"""Settings: digest.toml and the environment to frozen values."""
