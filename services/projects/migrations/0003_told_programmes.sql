-- Whether the other services were told what the programme is called. Those that were there before are told once more.
ALTER TABLE programme ADD COLUMN told BOOLEAN NOT NULL DEFAULT FALSE;
