"""Clinic-approved text about ketamine therapy becomes branded, accessible, printable PDFs."""

__version__ = "0.1.0"
