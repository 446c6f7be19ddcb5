//! The words that the demo's faculty is made of, in several scripts.

pub(super) const GIVEN: &[&str] = &[
    "Khamla",
    "Noy",
    "Anong",
    "Vilay",
    "Souksavanh",
    "Mali",
    "Linh",
    "Minh",
    "Ana",
    "Jürgen",
    "Zoë",
    "Łukasz",
    "Søren",
    "José",
    "Inês",
    "Fatima",
    "Yusuf",
    "Olga",
    "Dmitri",
    "Wei",
    "Yuki",
    "Ji-woo",
    "Amara",
    "Chidi",
    "Priya",
    "Arjun",
    "ສົມພອນ",
    "ມະນີ",
    "ບຸນມີ",
    "สมชาย",
    "อรทัย",
    "李娜",
    "さくら",
    "محمد",
    "ليلى",
    "Ελένη",
    "Иван",
    "Siobhán",
    "Keo",
    "Thavisack",
];

pub(super) const FAMILY: &[&str] = &[
    "Vongsa",
    "Phommachanh",
    "Sayavong",
    "Inthavong",
    "Nguyễn",
    "Trần",
    "Müller",
    "O’Neill",
    "García Márquez",
    "de la Cruz",
    "Kowalski",
    "Ångström",
    "Okafor",
    "Sharma",
    "Patel",
    "Kim",
    "Tanaka",
    "Zhang",
    "ວົງສະຫວັນ",
    "ພົມມະຈັນ",
    "ศรีสุข",
    "الخطيب",
    "Παππά",
    "Петров",
    "Smith-Jones",
    "van der Berg",
    "Douangchak",
    "Rattanavong",
];

pub(super) const TITLES: &[&str] = &["Prof.", "Assoc. Prof.", "Dr.", "MSc"];

/// Code, English and Lao name.
pub(super) const PROGRAMMES: &[(&str, &str, &str)] = &[
    ("CS", "Computer science", "ວິທະຍາສາດຄອມພິວເຕີ"),
    ("IT", "Information technology", "ເຕັກໂນໂລຊີຂໍ້ມູນຂ່າວສານ"),
    ("SE", "Software engineering", "ວິສະວະກຳຊອບແວ"),
    ("DS", "Data science", "ວິທະຍາສາດຂໍ້ມູນ"),
    ("EE", "Electrical engineering", "ວິສະວະກຳໄຟຟ້າ"),
];

/// English and Lao.
pub(super) const VERBS: &[(&str, &str)] = &[
    ("Detecting", "ການກວດຫາ"),
    ("Modelling", "ການສ້າງແບບຈຳລອງ"),
    ("Scheduling", "ການຈັດຕາຕະລາງ"),
    ("Predicting", "ການຄາດຄະເນ"),
    ("Visualising", "ການສະແດງພາບ"),
    ("Verifying", "ການຢືນຢັນ"),
    ("Mapping", "ການສ້າງແຜນທີ່"),
    ("Securing", "ການປ້ອງກັນ"),
    ("Explaining", "ການອະທິບາຍ"),
];

/// English and Lao.
pub(super) const OBJECTS: &[(&str, &str)] = &[
    ("rice-crop disease", "ພະຍາດຕົ້ນເຂົ້າ"),
    ("bus arrival times", "ເວລາລົດເມມາຮອດ"),
    ("exam timetables", "ຕາຕະລາງສອບເສັງ"),
    ("student drop-out", "ການອອກໂຮງຮຽນ"),
    ("river flood levels", "ລະດັບນ້ຳຖ້ວມ"),
    ("Lao handwriting", "ລາຍມືລາວ"),
    ("hospital queues", "ຄິວໂຮງໝໍ"),
    ("solar micro-grids", "ໄຟຟ້າພະລັງງານແສງຕາເວັນ"),
    ("motorbike traffic", "ການສັນຈອນລົດຈັກ"),
    ("air quality", "ຄຸນນະພາບອາກາດ"),
    ("temple heritage in 3-D", "ມໍລະດົກວັດໃນ 3 ມິຕິ"),
    ("coffee prices", "ລາຄາກາເຟ"),
];

pub(super) const AREAS: &[&str] = &[
    "machine learning",
    "embedded systems",
    "computer vision",
    "human-computer interaction",
    "databases",
    "networks",
    "security",
    "software engineering",
    "data visualisation",
    "robotics",
    "natural language processing",
    "bioinformatics",
];

pub(super) const CHANGES: &[&str] = &[
    "Say which data you will use, and whether you may.",
    "Narrow the question: this is work for two years.",
    "Name two papers that come close, and what is new here.",
    "Say how you will know that it works.",
];

pub(super) const FEEDBACK: &[&str] = &[
    "Good structure. Add the dates to the plan.",
    "The measurements are there, the discussion is not yet.",
    "Please correct the figures of section 3.",
];
