"""What a match says: actor and recipient, place, date, quantities, attribution, modality,
evidence."""
