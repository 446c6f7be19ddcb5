//! The icons, drawn for this kit on a grid of 20 by 20 with a stroke of 1.5.

/// Names and drawings.
static ICONS: &[(&str, &str)] = &[
    ("home", r#"<path d="M3.5 9 10 3.5 16.5 9v7h-4.5v-4h-4v4H3.5z"/>"#),
    ("tasks", r#"<path d="m3 5.5 1.2 1.2L6.5 4.4M3 11.5l1.2 1.2 2.3-2.3M9.5 5.5H17M9.5 11.5H17M9.5 16H14"/>"#),
    (
        "book",
        r#"<path d="M10 5.2C8.6 4.2 6.2 3.7 3 3.8v11.4c3.2-.1 5.6.4 7 1.4 1.4-1 3.8-1.5 7-1.4V3.8c-3.2-.1-5.6.4-7 1.4zm0 0v11.4"/>"#,
    ),
    (
        "folder",
        r#"<path d="M3 6.5V15a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V7.500a1 1 0 0 0-1-1h-5.500L9 4H4a1 1 0 0 0-1 1z"/>"#,
    ),
    (
        "people",
        r#"<circle cx="7.5" cy="7" r="2.800"/><path d="M2.500 16.200c.3-3 2.300-4.700 5-4.700s4.700 1.700 5 4.700M13 4.600a2.600 2.600 0 0 1 0 4.900M14.600 12c1.700.6 2.700 2 2.900 4.200"/>"#,
    ),
    (
        "person",
        r#"<circle cx="10" cy="6.800" r="3.200"/><path d="M3.800 17c.4-3.600 2.900-5.500 6.200-5.500s5.800 1.900 6.200 5.500"/>"#,
    ),
    ("queue", r#"<path d="M3 12.500 5 4h10l2 8.500V16H3zm0 0h4l1 1.800h4l1-1.800h4"/>"#),
    ("chart", r#"<path d="M3 3.500V16.500h14M6.800 13v-3M10.300 13V6.500M13.800 13V8.800"/>"#),
    ("import", r#"<path d="M10 3v9.500m0 0L6.500 9M10 12.500 13.500 9M3.500 13v3.500h13V13"/>"#),
    ("export", r#"<path d="M10 12.500V3m0 0L6.500 6.500M10 3l3.500 3.500M3.500 13v3.500h13V13"/>"#),
    ("download", r#"<path d="M10 3.500v8.500m0 0L6.800 8.800M10 12l3.200-3.200M4 16.500h12"/>"#),
    ("file", r#"<path d="M5 2.800h6.500L15.500 7v10.200H5zM11.300 3v4.200h4"/>"#),
    ("calendar", r#"<path d="M3.500 5h13v11.500h-13zM3.500 8.500h13M7 3v3.500M13 3v3.500"/>"#),
    ("clock", r#"<circle cx="10" cy="10" r="6.800"/><path d="M10 6v4.200l2.800 1.600"/>"#),
    ("bell", r#"<path d="M5 13.500V9a5 5 0 0 1 10 0v4.500l1.300 1.200H3.700zM8.300 17a2 2 0 0 0 3.400 0"/>"#),
    (
        "settings",
        r#"<path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>"#,
    ),
    ("search", r#"<circle cx="8.800" cy="8.800" r="5"/><path d="m12.500 12.500 4.300 4.300"/>"#),
    ("filter", r#"<path d="M3 4.500h14l-5.300 6.200V16l-3.400-1.700v-3.600z"/>"#),
    ("plus", r#"<path d="M10 4v12M4 10h12"/>"#),
    ("check", r#"<path d="m4 10.500 4 4 8-9"/>"#),
    ("close", r#"<path d="m5 5 10 10M15 5 5 15"/>"#),
    ("edit", r#"<path d="M4 16l.8-3.500L13.500 3.800l2.700 2.700-8.700 8.700zM11.800 5.500l2.700 2.700"/>"#),
    ("trash", r#"<path d="M3.500 5.500h13M8 5.500v-2h4v2M5.200 5.500l.8 11h8l.8-11M8.500 8.500v5M11.500 8.500v5"/>"#),
    ("lock", r#"<path d="M4.500 9h11v8h-11zM7 9V6.500a3 3 0 0 1 6 0V9"/>"#),
    ("key", r#"<circle cx="6.800" cy="13.200" r="3.300"/><path d="M9.200 10.800 16.500 3.500M13.800 6.200l2 2"/>"#),
    ("mail", r#"<path d="M3 5h14v10.500H3zM3.300 5.400 10 11l6.700-5.600"/>"#),
    ("info", r#"<circle cx="10" cy="10" r="6.800"/><path d="M10 9.200v4.300M10 6.500v.2"/>"#),
    ("warning", r#"<path d="M10 3.200 17.500 16.500h-15zM10 8v4M10 14.100v.2"/>"#),
    ("error", r#"<path d="M7 3h6l4 4v6l-4 4H7l-4-4V7zM10 6.500v4.200M10 13.300v.2"/>"#),
    ("success", r#"<circle cx="10" cy="10" r="6.800"/><path d="m6.800 10.200 2.300 2.300 4.200-4.700"/>"#),
    ("left", r#"<path d="m12 4.500-5.500 5.500 5.500 5.500"/>"#),
    ("right", r#"<path d="m8 4.500 5.500 5.500L8 15.500"/>"#),
    ("up", r#"<path d="m4.500 12 5.500-5.500 5.500 5.500"/>"#),
    ("down", r#"<path d="m4.500 8 5.500 5.500L15.500 8"/>"#),
    ("sort", r#"<path d="m6.500 8 3.500-4 3.500 4M6.500 12l3.500 4 3.500-4"/>"#),
    ("menu", r#"<path d="M3 5.500h14M3 10h14M3 14.500h14"/>"#),
    ("out", r#"<path d="M8 3.500H4v13h4M12.500 6.500 16 10l-3.500 3.500M16 10H8"/>"#),
    (
        "globe",
        r#"<circle cx="10" cy="10" r="6.800"/><path d="M3.200 10h13.600M10 3.200c2.400 2 3.200 4.300 3.200 6.800s-.8 4.800-3.200 6.800c-2.400-2-3.200-4.300-3.200-6.800s.8-4.800 3.200-6.800z"/>"#,
    ),
    (
        "theme",
        r#"<circle cx="10" cy="10" r="6.800"/><path d="M10 3.200a6.800 6.800 0 0 1 0 13.600z" fill="currentColor"/>"#,
    ),
    ("shield", r#"<path d="M10 2.800 4 5v4.500c0 3.700 2.400 6.300 6 7.700 3.600-1.400 6-4 6-7.700V5z"/>"#),
    ("server", r#"<path d="M3 3.800h14v5H3zM3 11.200h14v5H3zM6 6.300h.2M6 13.700h.2"/>"#),
    (
        "history",
        r#"<path d="M3.600 8.500A6.700 6.700 0 1 1 3.300 11M3.300 4.800v3.700H7M10 6.500v3.800l2.600 1.500"/>"#,
    ),
    (
        "star",
        r#"<path d="m10 3 2.100 4.600 5 .6-3.700 3.400 1 4.900-4.400-2.400-4.400 2.400 1-4.900L2.900 8.200l5-.6z"/>"#,
    ),
    ("dot", r#"<circle cx="10" cy="10" r="3" fill="currentColor"/>"#),
];

/// Returns the names of all icons.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ICONS.iter().map(|(name, _)| *name)
}

/// Returns the drawing of the icon `name`; a dot when there is none of that name.
pub(super) fn drawing(name: &str) -> &'static str {
    let find = |name: &str| ICONS.iter().find(|(known, _)| *known == name).map(|(_, drawing)| *drawing);
    find(name).or_else(|| find("dot")).unwrap_or_default()
}
