# ຂໍ້ຄວາມຂອງຊຸດໜ້າເວັບ. Keys are the same in every language; a test compares them.

## Layout
skip-to-content = ຂ້າມໄປຫາເນື້ອຫາ
main-navigation = ເມນູຫຼັກ
breadcrumbs = ທ່ານຢູ່ທີ່ນີ້
home = ໜ້າຫຼັກ
menu = ເມນູ
sign-in = ເຂົ້າສູ່ລະບົບ
sign-out = ອອກຈາກລະບົບ
signed-in-as = ເຂົ້າສູ່ລະບົບໃນນາມ
account = ບັນຊີ
language = ພາສາ
theme = ສີໜ້າຈໍ
theme-auto = ຕາມອຸປະກອນ
theme-light = ສະຫວ່າງ
theme-dark = ມືດ
apply = ນຳໃຊ້
close = ປິດ
dismiss = ປິດຂໍ້ຄວາມ
back = ກັບຄືນ
cancel = ຍົກເລີກ
save = ບັນທຶກ
send = ສົ່ງ
edit = ແກ້ໄຂ
delete = ລຶບ
add = ເພີ່ມ
confirm = ຢືນຢັນ
confirm-question = ທ່ານແນ່ໃຈບໍ່?
yes = ແມ່ນ
no = ບໍ່ແມ່ນ
none = ບໍ່ມີ
optional = ບໍ່ບັງຄັບ
required = ຈຳເປັນ
loading = ກຳລັງໂຫຼດ
print = ພິມ
api-reference = API
error-reference = ລາຍການຂໍ້ຜິດພາດ
footer-note = ກ່ຽວກັບເວັບໄຊນີ້

## Forms
form-refused = ກະລຸນາກວດຄືນແບບຟອມ
choose = ເລືອກ…
choose-file = ເລືອກໄຟລ໌
file-limit = ບໍ່ເກີນ { $size }
typed-kept = ຂໍ້ມູນທີ່ທ່ານພິມໄວ້ຍັງຢູ່ຄົບ.

field-required = ກະລຸນາຕື່ມຂໍ້ມູນ
field-blank = ກະລຸນາຕື່ມຂໍ້ມູນ
field-missing = ກະລຸນາຕື່ມຂໍ້ມູນ
field-unticked = ກະລຸນາໝາຍຊ່ອງນີ້
field-too_long = ຂໍ້ຄວາມຍາວເກີນໄປ
field-too_short = ຂໍ້ຄວາມສັ້ນເກີນໄປ
field-control_character = ມີຕົວອັກສອນທີ່ບໍ່ສາມາດບັນທຶກໄດ້
field-number = ກະລຸນາໃສ່ຈຳນວນເຕັມ
field-range = ຕົວເລກນີ້ຢູ່ນອກຂອບເຂດທີ່ກຳນົດ
field-date = ກະລຸນາໃສ່ວັນທີ
field-time = ກະລຸນາໃສ່ເວລາ
field-past = ຕ້ອງເປັນເວລາໃນອະນາຄົດ
field-future = ຕ້ອງເປັນເວລາທີ່ຜ່ານມາແລ້ວ
field-order = ຕ້ອງຢູ່ຫຼັງລາຍການກ່ອນໜ້າ
field-email = ກະລຸນາໃສ່ອີເມວ ເຊັ່ນ name@example.org
field-choice = ກະລຸນາເລືອກໜຶ່ງໃນຕົວເລືອກ
field-taken = ມີຜູ້ໃຊ້ແລ້ວ
field-unknown = ບໍ່ພົບຂໍ້ມູນນີ້
field-invalid = ຂໍ້ມູນບໍ່ຖືກຕ້ອງ
field-repeated = ມີການໃສ່ຊ້ຳກັນ
field-wrong = ບໍ່ຖືກຕ້ອງ
field-mismatch = ສອງຊ່ອງບໍ່ກົງກັນ
field-file_required = ກະລຸນາເລືອກໄຟລ໌
field-file_type = ບໍ່ຮັບໄຟລ໌ປະເພດນີ້
field-file_too_large = ໄຟລ໌ມີຂະໜາດໃຫຍ່ເກີນໄປ

## Tables and lists
table-empty = ຍັງບໍ່ມີຂໍ້ມູນ
table-empty-filtered = ບໍ່ມີຂໍ້ມູນທີ່ກົງກັບຕົວກອງ
filter = ກອງ
filters = ຕົວກອງ
clear-filters = ລ້າງຕົວກອງ
search = ຄົ້ນຫາ
sort-ascending = ລຽງຈາກນ້ອຍຫາໃຫຍ່
sort-descending = ລຽງຈາກໃຫຍ່ຫານ້ອຍ
sort-by = ລຽງຕາມ { $column }
next-page = ໜ້າຖັດໄປ
first-page = ໜ້າທຳອິດ
pages = ໜ້າ
actions = ການດຳເນີນການ
all = ທັງໝົດ

## Steps and times
step-done = ສຳເລັດແລ້ວ
step-current = ປັດຈຸບັນ
step-ahead = ຍັງບໍ່ຮອດ
time-never = ບໍ່ເຄີຍ
time-now = ຫາກໍ່ນີ້
time-in-minutes = ອີກ { $count } ນາທີ
time-in-hours = ອີກ { $count } ຊົ່ວໂມງ
time-in-days = ອີກ { $count } ມື້
time-ago-minutes = { $count } ນາທີກ່ອນ
time-ago-hours = { $count } ຊົ່ວໂມງກ່ອນ
time-ago-days = { $count } ມື້ກ່ອນ
month-1 = ມັງກອນ
month-2 = ກຸມພາ
month-3 = ມີນາ
month-4 = ເມສາ
month-5 = ພຶດສະພາ
month-6 = ມິຖຸນາ
month-7 = ກໍລະກົດ
month-8 = ສິງຫາ
month-9 = ກັນຍາ
month-10 = ຕຸລາ
month-11 = ພະຈິກ
month-12 = ທັນວາ

## Errors
error-what-happened = ເກີດຫຍັງຂຶ້ນ
error-code = ລະຫັດ
error-request = ເລກຄຳຮ້ອງ
error-explained = ກ່ຽວກັບຂໍ້ຜິດພາດນີ້
error-home = ໄປໜ້າຫຼັກ
error-member-state = ສະຖານະ
error-member-action = ຂັ້ນຕອນ
error-member-reason = ສິ່ງທີ່ຂາດ
error-member-legal = ເຮັດໄດ້ຕອນນີ້
error-member-version = ສະບັບປັດຈຸບັນ
error-member-number = ເລກທີ
error-title-404 = ບໍ່ມີຫຍັງຢູ່ທີ່ຢູ່ນີ້
error-title-403 = ທ່ານບໍ່ມີສິດເຮັດສິ່ງນີ້
error-title-500 = ເກີດຂໍ້ຜິດພາດຢູ່ຝ່າຍພວກເຮົາ

## The design gallery
gallery = ການອອກແບບ
export = ສົ່ງອອກ
gallery-lede = ທຸກສ່ວນປະກອບໃນທຸກສະຖານະ ສຳລັບຜູ້ສ້າງໜ້າເວັບ.
gallery-figures = ຕົວເລກ ແລະ ຄວາມຄືບໜ້າ
gallery-messages = ຂໍ້ຄວາມ ແລະ ສະຖານະ
gallery-buttons = ປຸ່ມ
gallery-forms = ແບບຟອມ
gallery-facts = ຂໍ້ມູນ
gallery-history = ປະຫວັດ
gallery-tables = ຕາຕະລາງ
gallery-icons = ໄອຄອນ
gallery-open = ເປີດຢູ່
gallery-late = ກາຍກຳນົດ
gallery-soon = ໃກ້ຮອດກຳນົດ
gallery-progress = ພາກສ່ວນທີ່ອະນຸມັດແລ້ວ
gallery-confirm = ການກະທຳນີ້ຈະລຶບຮ່າງສຳລັບທຸກຄົນ ແລະ ກູ້ຄືນບໍ່ໄດ້.
gallery-title = ຫົວຂໍ້
gallery-title-hint = ຂຽນໃນແຖວດຽວ ຕາມທີ່ຜູ້ອື່ນຈະເຫັນ
gallery-mail = ອີເມວ
gallery-due = ກຳນົດສົ່ງ
gallery-state = ສະຖານະ
gallery-text = ລາຍລະອຽດ
gallery-kind = ປະເພດ
gallery-tags = ສາຂາວິຊາ
gallery-agree = ຂ້ອຍໄດ້ອ່ານລະບຽບການແລ້ວ
gallery-file = ໄຟລ໌
gallery-count = ຈຳນວນບ່ອນ

## References
error-list-lede = ຂໍ້ຜິດພາດທັງໝົດທີ່ເວັບໄຊນີ້ອາດຕອບ ພ້ອມລະຫັດທີ່ບໍ່ປ່ຽນແປງ. ໂປຣແກຣມອີງໃສ່ລະຫັດໄດ້ ສ່ວນຖ້ອຍຄຳອາດປ່ຽນໄດ້.
api-title = ຄູ່ມືອ້າງອີງ API
api-lede = ທຸກຢ່າງທີ່ໜ້າເວັບເຮັດໄດ້ ສຳລັບໂປຣແກຣມ. ສົ່ງໂທເຄັນ API ໃນຫົວ “Authorization: Bearer”.
api-parameters = ຕົວປ່ຽນ
api-answers = ຄຳຕອບ
api-body = ເນື້ອໃນຄຳຮ້ອງ
api-schemas = ວັດຖຸ
