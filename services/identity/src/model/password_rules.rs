//! Which passwords may be chosen: long enough, and not among those that are tried first (NIST SP 800-63B, 3.1.1.2).
//!
//! There are no rules on kinds of characters: they make passwords that are hard to remember and easy to guess.

/// Fewest characters.
pub const CHARS_MIN: usize = 8;
/// Most characters.
pub const CHARS_MAX: usize = 128;
/// A word of the person's own is a clue only when it is this long.
const CLUE_CHARS_MIN: usize = 4;

/// What passwords are most often made of, in lower case and without the digits and signs around it.
const COMMON: &[&str] = &[
    "abcdef",
    "abcdefgh",
    "abcabc",
    "academy",
    "admin",
    "administrator",
    "admission",
    "alexander",
    "andrew",
    "angel",
    "anthony",
    "arsenal",
    "asdf",
    "asdfasdf",
    "asdfgh",
    "asdfghjk",
    "asdfghjkl",
    "ashley",
    "autumn",
    "babygirl",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "beautiful",
    "benjamin",
    "bismillah",
    "blink",
    "brandon",
    "butterfly",
    "changeme",
    "charlie",
    "cheese",
    "chelsea",
    "chocolate",
    "christian",
    "coffee",
    "college",
    "computer",
    "cookie",
    "corvette",
    "daniel",
    "default",
    "dolphin",
    "dragon",
    "elephant",
    "elizabeth",
    "everton",
    "faculty",
    "family",
    "ferrari",
    "flower",
    "football",
    "fpms",
    "freedom",
    "friends",
    "ginger",
    "graduate",
    "guest",
    "hannah",
    "harley",
    "hello",
    "helloworld",
    "hunter",
    "iloveu",
    "iloveyou",
    "internet",
    "jasmine",
    "jennifer",
    "jessica",
    "jesus",
    "jordan",
    "joshua",
    "killer",
    "kitty",
    "laos",
    "laopdr",
    "letmein",
    "liverpool",
    "login",
    "london",
    "love",
    "lovely",
    "manchester",
    "master",
    "matthew",
    "mercedes",
    "michael",
    "michelle",
    "monkey",
    "mustang",
    "mypassword",
    "naruto",
    "newpassword",
    "nicole",
    "nothing",
    "office",
    "orange",
    "pakistan",
    "passphrase",
    "passw",
    "password",
    "passwort",
    "pepper",
    "pokemon",
    "princess",
    "professor",
    "project",
    "purple",
    "qazwsx",
    "qazwsxedc",
    "qwer",
    "qwerty",
    "qwertyui",
    "qwertyuiop",
    "qwertz",
    "rainbow",
    "ranger",
    "robert",
    "root",
    "samantha",
    "sample",
    "school",
    "secret",
    "september",
    "server",
    "shadow",
    "silver",
    "snoopy",
    "soccer",
    "spiderman",
    "spring",
    "starwars",
    "student",
    "summer",
    "sunflower",
    "sunshine",
    "superman",
    "supervisor",
    "system",
    "teacher",
    "temp",
    "tennis",
    "test",
    "testing",
    "thesis",
    "thomas",
    "thunder",
    "tigger",
    "tinkerbell",
    "trustno",
    "university",
    "user",
    "vanessa",
    "vientiane",
    "victoria",
    "welcome",
    "whatever",
    "william",
    "winter",
    "yankees",
    "yellow",
    "zaqwsx",
    "zxcvbn",
    "zxcvbnm",
];

/// Returns why the password may not be chosen: the stable reason of a field error. `about` holds the person's names and
/// address, which an attacker tries first, too.
pub fn refuse(password: &str, about: &[&str]) -> Option<&'static str> {
    let length = password.chars().count();
    if length < CHARS_MIN {
        return Some("too_short");
    }
    if length > CHARS_MAX {
        return Some("too_long");
    }
    if is_pattern(password) {
        return Some("password_pattern");
    }
    let stems = stems(password);
    if stems.iter().any(|stem| is_common(stem)) {
        return Some("password_common");
    }
    stems.iter().any(|stem| is_about(stem, about)).then_some("password_personal")
}

/// One character or a short run over and over, or neighbours in the alphabet or on the row of digits.
fn is_pattern(password: &str) -> bool {
    let lower = password.to_lowercase();
    let characters: Vec<u32> = lower.chars().map(u32::from).collect();
    let steps = || characters.windows(2).filter_map(|pair| Some(pair.get(1)?.abs_diff(*pair.first()?)));
    let in_a_row = steps().filter(|step| *step <= 1).count() * 4 >= (characters.len() - 1) * 3;
    in_a_row || repeats(&lower).is_some_and(|unit| unit.chars().count() <= 3)
}

/// Returns the shortest run of which the text is made by repetition, if there is one.
fn repeats(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(index, _)| index).skip(1);
    let mut units = ends.filter_map(|end| text.get(..end)).take_while(|unit| unit.len() * 2 <= text.len());
    units.find(|unit| text.len().is_multiple_of(unit.len()) && unit.repeat(text.len() / unit.len()) == text)
}

/// Returns what is left of the password in lower case without what is put around a word to satisfy rules, look-alikes read
/// as letters. Signs at the front may be part of the word, so it is read in three ways.
fn stems(password: &str) -> [String; 3] {
    let lower = password.to_lowercase();
    let outer = |c: char| !c.is_alphabetic();
    [lower.trim_matches(outer), lower.trim_end_matches(outer), lower.as_str()]
        .map(|core| core.chars().map(look_alike).collect())
}

fn look_alike(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_common(stem: &str) -> bool {
    COMMON.contains(&stem) || repeats(stem).is_some_and(|unit| COMMON.contains(&unit))
}

fn is_about(stem: &str, about: &[&str]) -> bool {
    let words = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.map(str::to_lowercase).filter(|word| word.chars().count() >= CLUE_CHARS_MIN).any(|word| {
        // The word alone, or with little else: a sentence that mentions one's name is a good password.
        stem.contains(&word) && stem.chars().count() < word.chars().count() + CLUE_CHARS_MIN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_passwords_may_be_chosen() {
        for password in [
            "correct horse battery staple",
            "ລະຫັດລັບຂອງຂ້ອຍດີຫຼາຍ",
            "kV9$mq2L",
            "my name is bounmy and i like rivers",
            "tülay geht schwimmen",
            "river flood levels",
        ] {
            assert_eq!(refuse(password, &["Bounmy", "bounmy@uni.example"]), None, "{password}");
        }
    }

    #[test]
    fn passwords_tried_first_are_refused() {
        for (password, reason) in [
            ("short", "too_short"),
            ("ສັ້ນ", "too_short"),
            ("password", "password_common"),
            ("Password123!", "password_common"),
            ("P@ssw0rd2027", "password_common"),
            ("p4ssw0rd", "password_common"),
            ("qwertyuiop", "password_common"),
            ("!!Welcome1!!", "password_common"),
            ("Vientiane2027", "password_common"),
            ("testtest", "password_common"),
            ("aaaaaaaa", "password_pattern"),
            ("12345678", "password_pattern"),
            ("87654321", "password_pattern"),
            ("abcdefgh", "password_pattern"),
            ("ababababab", "password_pattern"),
            ("123123123", "password_pattern"),
            ("bounmy2027", "password_personal"),
            ("Bounmy!!", "password_personal"),
        ] {
            assert_eq!(refuse(password, &["Bounmy", "bounmy@uni.example"]), Some(reason), "{password}");
        }
        assert_eq!(refuse(&"long ".repeat(26), &[]), Some("too_long"));
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["", "é", "00000000", "!!!!!!!!", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "👩‍🎓👩‍🎓👩‍🎓"]
        {
            refuse(text, &["", "x"]);
        }
    }
}
