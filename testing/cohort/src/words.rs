//! What people and topics are called.

pub(crate) const GIVEN_NAMES: &[&str] = &[
    "Bounmy",
    "Chanthavone",
    "Thongsy",
    "Nok",
    "Hoa",
    "Quân",
    "Mónica",
    "Björn",
    "Chloé",
    "Željko",
    "Þóra",
    "Aylin",
    "Kwame",
    "Ifeoma",
    "Rohan",
    "Meera",
    "Haruto",
    "Seo-yeon",
    "ສຸກສະຫວັນ",
    "ມະນີວອນ",
    "ธนกร",
    "王芳",
    "ひかり",
    "يوسف",
    "Νίκος",
    "Олена",
    "Mary \"May\"",
    "D’Angelo",
];

pub(crate) const FAMILY_NAMES: &[&str] = &[
    "Sisavath",
    "Keomany",
    "Phạm",
    "Lê",
    "Schröder",
    "O'Connor",
    "Ruiz, Jr.",
    "van den Heuvel",
    "Åkesson",
    "Adeyemi",
    "Gupta",
    "Park",
    "Sato",
    "Chen",
    "ພົມມະຈັນ",
    "แสงทอง",
    "الحداد",
    "Παπαδοπούλου",
    "Шевченко",
    "None",
    "False",
    "1",
];

pub(crate) const PROGRAMMES: &[&str] = &["CS", "IT", "SE", "DS"];

pub(crate) const AREAS: &[&str] = &[
    "computer graphics",
    "operating systems",
    "information retrieval",
    "distributed systems",
    "formal methods",
    "accessibility",
    "embedded systems",
    "machine translation",
];

pub(crate) const VERBS: &[&str] = &["Measuring", "Simulating", "Planning", "Translating", "Sharing", "Testing"];

pub(crate) const OBJECTS: &[&str] = &[
    "Mekong water levels",
    "bus timetables",
    "mark sheets; drafts, and finals",
    "handwritten forms",
    "coffee harvests",
    "<b>legacy</b> pages",
    "village maps",
];

pub(crate) const LOCAL_TITLES: &[&str] = &["ລະບົບຕິດຕາມ", "ການວັດແທກ", "ແອັບພລິເຄຊັນ", "ຖານຂໍ້ມູນ"];
