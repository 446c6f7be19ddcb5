-- Which kinds of files a milestone takes, by their words. What was planned before takes the usual ones, which are no programs.
ALTER TABLE milestone_template_item ADD COLUMN accepts TEXT NOT NULL DEFAULT 'pdf document image archive text';
ALTER TABLE milestone ADD COLUMN accepts TEXT NOT NULL DEFAULT 'pdf document image archive text';
