-- The link of a mail, sealed, where it lets its bearer in; then `link` is empty. Forgotten like it once the mail has ended.
ALTER TABLE mail ADD COLUMN sealed_link TEXT;
