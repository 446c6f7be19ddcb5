field-content = The content is not what the name says.
field-too_large = The file is too large.
field-empty = The file is empty.
