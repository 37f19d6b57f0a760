"""One ticker over the three verbs."""
