"""The rules of the specialties, by subject: they look at facts and answer with findings, numbers and rows to keep."""
