# ຂໍ້ຄວາມຂອງສ່ວນບັນຊີຜູ້ໃຊ້. Keys are the same in every language; a test compares them.

## Navigation
identity-nav-people = ບຸກຄົນ
identity-nav-settings = ການຕັ້ງຄ່າ

## Words
identity-university = ມະຫາວິທະຍາໄລ
identity-email = ອີເມວ
identity-password = ລະຫັດຜ່ານ
identity-name = ຊື່
identity-name-hint = ຊື່ທີ່ຄົນອື່ນເຫັນ
identity-family-name = ນາມສະກຸນ
identity-given-name = ຊື່ແທ້
identity-names-hint = ໃສ່ຊື່ໃດຊື່ໜຶ່ງກໍພຽງພໍ
identity-numbers = ລະຫັດ
identity-numbers-hint = ລະຫັດນັກສຶກສາ ຫຼື ພະນັກງານ; ຖ້າມີຫຼາຍລະຫັດໃຫ້ຂັ້ນດ້ວຍຈຸດ
identity-language-hint = ສຳລັບໜ້າເວັບ ແລະ ອີເມວ
identity-status = ສະຖານະ
identity-status-active = ໃຊ້ງານຢູ່
identity-status-invited = ເຊີນແລ້ວ
identity-status-disabled = ປິດການໃຊ້ງານ
identity-role = ບົດບາດ
identity-roles = ບົດບາດ
identity-roles-none = ບໍ່ມີບົດບາດ
identity-role-student = ນັກສຶກສາ
identity-role-supervisor = ອາຈານທີ່ປຶກສາ
identity-role-examiner = ກຳມະການສອບ
identity-role-coordinator = ຜູ້ປະສານງານ
identity-role-administrator = ຜູ້ບໍລິຫານລະບົບ
identity-role-external = ບຸກຄົນພາຍນອກ
identity-role-operator = ຜູ້ດູແລລະບົບທັງໝົດ
identity-scope = ຂອບເຂດ
identity-scope-hint = ບົດບາດທີ່ໝາຍໃຊ້ໄດ້ໃນນີ້; ເພີ່ມບົດບາດອື່ນໄດ້ພາຍຫຼັງ.
identity-scope-university = ທົ່ວມະຫາວິທະຍາໄລ
identity-scope-programme = ຫຼັກສູດດຽວ
identity-from = ຕັ້ງແຕ່
identity-until = ຈົນເຖິງ
identity-until-open = ບໍ່ກຳນົດ
identity-added = ເພີ່ມເມື່ອ
identity-changed = ແກ້ໄຂເມື່ອ

## Signing in
identity-sign-in-title = ເຂົ້າສູ່ລະບົບ
identity-sign-in = ເຂົ້າສູ່ລະບົບ
identity-signed-out = ທ່ານໄດ້ອອກຈາກລະບົບແລ້ວ
identity-forgot = ລືມລະຫັດຜ່ານບໍ?
identity-forgot-title = ລືມລະຫັດຜ່ານບໍ?
identity-forgot-lede = ໃສ່ອີເມວຂອງບັນຊີທ່ານ. ພວກເຮົາຈະສົ່ງລິ້ງເພື່ອຕັ້ງລະຫັດຜ່ານໃໝ່ໄປທາງອີເມວ.
identity-forgot-send = ສົ່ງລິ້ງ
identity-reset-sent = ຖ້າມີບັນຊີທີ່ໃຊ້ອີເມວນີ້ ພວກເຮົາໄດ້ສົ່ງອີເມວໄປແລ້ວ
identity-reset-title = ຕັ້ງລະຫັດຜ່ານໃໝ່
identity-reset-lede = ທ່ານຈະຖືກອອກຈາກລະບົບທຸກອຸປະກອນ ແລ້ວເຂົ້າໃໝ່ດ້ວຍລະຫັດຜ່ານໃໝ່.
identity-invitation-title = ຍິນດີຕ້ອນຮັບ
identity-invitation-lede = ຕັ້ງລະຫັດຜ່ານ ແລ້ວເຂົ້າສູ່ລະບົບດ້ວຍອີເມວຂອງທ່ານ.
identity-password-present = ລະຫັດຜ່ານປັດຈຸບັນ
identity-password-new = ລະຫັດຜ່ານໃໝ່
identity-password-repeat = ລະຫັດຜ່ານໃໝ່ອີກຄັ້ງ
identity-password-hint = ຢ່າງໜ້ອຍ 8 ຕົວອັກສອນ; ໃຊ້ຫຼາຍຄຳທີ່ບໍ່ກ່ຽວຂ້ອງກັນຈະດີທີ່ສຸດ
identity-password-choose = ຕັ້ງລະຫັດຜ່ານ
identity-password-chosen = ຕັ້ງລະຫັດຜ່ານແລ້ວ; ກະລຸນາເຂົ້າສູ່ລະບົບ
identity-password-change = ປ່ຽນລະຫັດຜ່ານ
identity-password-changed = ປ່ຽນລະຫັດຜ່ານແລ້ວ
identity-password-change-note = ບຣາວເຊີອື່ນທັງໝົດຈະຖືກອອກຈາກລະບົບ.

## People
identity-people-title = ບຸກຄົນ
identity-people-add = ເພີ່ມບຸກຄົນ
identity-people-search = ຊື່, ອີເມວ ຫຼື ລະຫັດ
identity-person-added = ເພີ່ມບຸກຄົນແລ້ວ
identity-person-change = ແກ້ໄຂ
identity-person-changed = ບັນທຶກການແກ້ໄຂແລ້ວ
identity-person-sign-out = ໃຫ້ອອກຈາກລະບົບທຸກອຸປະກອນ
identity-person-sign-out-confirm = ການນີ້ຈະສິ້ນສຸດທຸກເຊສຊັນຂອງບຸກຄົນນີ້.
identity-person-signed-out = ບຸກຄົນນີ້ຖືກອອກຈາກລະບົບທຸກອຸປະກອນແລ້ວ
identity-enabled = ອະນຸຍາດໃຫ້ເຂົ້າສູ່ລະບົບ
identity-enabled-hint = ຖ້າບໍ່ອະນຸຍາດ ບຸກຄົນນີ້ຈະຖືກອອກຈາກລະບົບ ແລະ ໂທເຄັນ API ຈະຖືກຍົກເລີກ
identity-invite = ສົ່ງຄຳເຊີນ
identity-invite-hint = ອີເມວທີ່ມີລິ້ງເພື່ອຕັ້ງລະຫັດຜ່ານ ໃຊ້ໄດ້ເຈັດມື້
identity-invitation-send = ສົ່ງຄຳເຊີນ
identity-invitation-sent = ສົ່ງຄຳເຊີນແລ້ວ
identity-role-give = ມອບບົດບາດ
identity-role-given = ມອບບົດບາດແລ້ວ
identity-role-end = ຖອນບົດບາດ
identity-role-end-confirm = ບຸກຄົນນີ້ຈະບໍ່ມີບົດບາດນີ້ອີກ.
identity-role-ended = ຖອນບົດບາດແລ້ວ
identity-role-holds = ປັດຈຸບັນ
identity-role-over = ສິ້ນສຸດແລ້ວ
identity-role-ahead = ໃນອະນາຄົດ

## Settings
identity-settings-title = ການຕັ້ງຄ່າ
identity-settings-profile = ຂໍ້ມູນສ່ວນຕົວ
identity-settings-password = ລະຫັດຜ່ານ
identity-settings-sessions = ເຊສຊັນ
identity-settings-tokens = ໂທເຄັນ API
identity-settings-saved = ບັນທຶກການຕັ້ງຄ່າແລ້ວ
identity-sessions-lede = ບຣາວເຊີທີ່ທ່ານເຂົ້າສູ່ລະບົບຢູ່. ສິ້ນສຸດອັນທີ່ທ່ານບໍ່ຮູ້ຈັກ ແລະ ປ່ຽນລະຫັດຜ່ານ.
identity-device = ບຣາວເຊີ
identity-device-unknown = ບໍ່ຮູ້ຈັກ
identity-address = ທີ່ຢູ່ເຄືອຂ່າຍ
identity-signed-in = ເຂົ້າສູ່ລະບົບເມື່ອ
identity-seen = ໃຊ້ລ່າສຸດ
identity-session-current = ອັນນີ້
identity-session-end = ສິ້ນສຸດ
identity-session-ended = ສິ້ນສຸດເຊສຊັນແລ້ວ
identity-sign-out-everywhere = ອອກຈາກລະບົບທຸກອຸປະກອນ
identity-sign-out-everywhere-confirm = ການນີ້ຈະສິ້ນສຸດທຸກເຊສຊັນ ລວມທັງອັນນີ້.
identity-tokens-lede = ໂທເຄັນ API ໃຫ້ໂປຣແກຣມເຮັດວຽກໃນນາມຂອງທ່ານ ຕາມຂອບເຂດທີ່ກຳນົດ.
identity-tokens-none = ບໍ່ມີໂທເຄັນ API
identity-token-name = ຊື່
identity-token-name-hint = ໃຊ້ເພື່ອຫຍັງ
identity-token-scopes = ຂອບເຂດ
identity-token-scopes-hint = ຂັ້ນດ້ວຍຍະຫວ່າງ: projects.read, projects.* ຫຼື * ສຳລັບທຸກຢ່າງ
identity-token-life = ໃຊ້ໄດ້
identity-token-days = { $count } ມື້
identity-token-used = ໃຊ້ລ່າສຸດ
identity-token-ends = ສິ້ນສຸດ
identity-token-make = ສ້າງໂທເຄັນ
identity-token-made = ນີ້ແມ່ນໂທເຄັນ. ກະລຸນາເກັບໄວ້ດຽວນີ້: ຈະບໍ່ສະແດງອີກ.
identity-token-revoke = ຍົກເລີກ
identity-token-revoke-confirm = ໂປຣແກຣມທີ່ໃຊ້ໂທເຄັນນີ້ຈະຢຸດເຮັດວຽກ.
identity-token-revoked = ຍົກເລີກໂທເຄັນແລ້ວ

## What can be wrong with a field
field-credentials = ອີເມວ ຫຼື ລະຫັດຜ່ານບໍ່ຖືກຕ້ອງ
field-too_many_attempts = ລອງຫຼາຍເທື່ອເກີນໄປ; ກະລຸນາລໍຖ້າແລ້ວລອງໃໝ່
field-university_wanted = ກະລຸນາເລືອກມະຫາວິທະຍາໄລຂອງທ່ານຈາກລາຍການ
field-university_unknown = ບໍ່ມີມະຫາວິທະຍາໄລຊື່ນີ້ຢູ່ບ່ອນນີ້
field-last_administrator = ມະຫາວິທະຍາໄລຈະບໍ່ມີຜູ້ບໍລິຫານລະບົບ
field-password_wrong = ນີ້ບໍ່ແມ່ນລະຫັດຜ່ານປັດຈຸບັນຂອງທ່ານ
field-password_common = ນີ້ແມ່ນລະຫັດຜ່ານທີ່ຖືກລອງເດົາກ່ອນ
field-password_pattern = ນີ້ແມ່ນແຖວ ຫຼື ການຊ້ຳກັນ
field-password_personal = ນີ້ສ້າງຈາກຊື່ ຫຼື ອີເມວຂອງທ່ານ
