# ຂໍ້ຄວາມຂອງໜ້ານຳເຂົ້າ ແລະ ສົ່ງອອກ.
nav-import = ນຳເຂົ້າ

import-title = ນຳເຂົ້າ ແລະ ສົ່ງອອກ
import-lede = ນຳຂໍ້ມູນຄະນະຈາກຕາຕະລາງ: ນັກສຶກສາ, ອາຈານທີ່ປຶກສາ, ຫົວຂໍ້, ຄວາມຕ້ອງການ, ການຈັດອັນດັບ, ຫ້ອງ ແລະ ເວລາ.
import-files = ໄຟລ໌
import-files-hint = CSV ແບບ UTF-8 ຫຼື XLSX, ເລືອກໄດ້ຫຼາຍໄຟລ໌, ລວມບໍ່ເກີນ 96 MiB. ຕັ້ງຊື່ໄຟລ໌ຕາມເນື້ອໃນ ເຊັ່ນ students.csv; ໄຟລ໌ XLSX ອາດມີແຜ່ນງານລະຢ່າງ.
import-look = ກວດເບິ່ງໄຟລ໌
import-latest = ການນຳເຂົ້າຫຼ້າສຸດ
import-none = ຍັງບໍ່ມີການນຳເຂົ້າ
import-none-text = ເລືອກໄຟລ໌ຂ້າງເທິງ. ທ່ານຈະເຫັນຜົນກ່ອນທີ່ຈະບັນທຶກ.
import-started = ເລີ່ມ
import-export = ສົ່ງອອກ
import-export-text = ຮອບຫຼ້າສຸດເປັນໄຟລ໌ສຳລັບໂປຣແກຣມຕາຕະລາງ. ຖັນຄືກັນກັບການນຳເຂົ້າ ຈຶ່ງນຳກັບຄືນໄດ້.
import-export-students = ນັກສຶກສາ
import-export-supervisors = ອາຈານທີ່ປຶກສາ
import-export-topics = ຫົວຂໍ້
import-export-projects = ໂຄງການ

import-state = ສະຖານະ
import-state-staged = ລໍຖ້າການຕັດສິນໃຈຂອງທ່ານ
import-state-running = ກຳລັງດຳເນີນ
import-state-done = ສຳເລັດ
import-state-failed = ບໍ່ໄດ້ນຳເຂົ້າ

import-kind = ເນື້ອໃນ
import-kind-programmes = ຫຼັກສູດ
import-kind-supervisors = ອາຈານທີ່ປຶກສາ
import-kind-students = ນັກສຶກສາ
import-kind-topics = ຫົວຂໍ້
import-kind-preferences = ຄວາມຕ້ອງການ
import-kind-rankings = ການຈັດອັນດັບ
import-kind-rooms = ຫ້ອງ
import-kind-availability = ເວລາຂອງອາຈານ

import-review-title = ໄຟລ໌ທີ່ຈະນຳເຂົ້າ
import-result-title = ຜົນການນຳເຂົ້າ
import-review-lede = ຍັງບໍ່ໄດ້ບັນທຶກຫຍັງ. ໄຟລ໌ຈະຖືກເກັບໄວ້ໜຶ່ງວັນ.
import-discard = ຍົກເລີກ
import-discarded = ໄຟລ໌ຖືກລຶບແລ້ວ
import-problems = ຕ້ອງແກ້ໄຂສິ່ງເຫຼົ່ານີ້ກ່ອນ:
import-preview = ສິ່ງທີ່ຈະເກີດຂຶ້ນ
import-rows-read = ແຖວ
import-rows-good = ແຖວທີ່ຮັບ
import-rows-refused = ປະຕິເສດ
import-rows-written = ແຖວທີ່ບັນທຶກແລ້ວ
import-new = ໃໝ່
import-changed = ປ່ຽນແປງ
import-unchanged = ຄືເກົ່າ
import-refused-title = { $count ->
   *[other] { $count } ແຖວບໍ່ຖືກຕ້ອງ
}
import-refused-download = ລາຍການທັງໝົດເປັນ CSV
import-file = ໄຟລ໌
import-line = ແຖວທີ
import-column = ຖັນ
import-reason = ເຫດຜົນ
import-mode = ຈະເຮັດແນວໃດ
import-mode-all_or_nothing = ນຳເຂົ້າທຸກແຖວ; ຖ້າມີແຖວຜິດ ບໍ່ນຳເຂົ້າເລີຍ
import-mode-good_rows = { $count ->
   *[other] ນຳເຂົ້າ { $count } ແຖວທີ່ຖືກຕ້ອງ ແລະ ຂ້າມແຖວທີ່ຜິດ
}
import-confirm = ນຳເຂົ້າ
import-sample = ແຖວທຳອິດຂອງ { $file }
import-columns = ຖັນໃດແມ່ນຫຍັງ
import-columns-text = ຊອກພົບຕາມຊື່. ປ່ຽນສິ່ງທີ່ຜິດ; ເມື່ອປ່ຽນເນື້ອໃນຂອງໄຟລ໌ ໃຫ້ບັນທຶກເພື່ອເຫັນຖັນ.
import-columns-save = ບັນທຶກ ແລະ ເບິ່ງອີກ
import-leave-out = ບໍ່ເອົາ
import-running = ກຳລັງນຳເຂົ້າ. ໜ້ານີ້ຈະໂຫຼດໃໝ່ເອງ.
import-done = { $count ->
   *[other] ນຳເຂົ້າແລ້ວ { $count } ແຖວ.
}
import-failed = { $count ->
   *[other] ບໍ່ໄດ້ນຳເຂົ້າ: { $count } ແຖວຖືກປະຕິເສດ.
}
import-back = ການນຳເຂົ້າທັງໝົດ

import-reason-blank = ບໍ່ມີຂໍ້ມູນ
import-reason-too_long = ຍາວເກີນໄປ
import-reason-control_character = ມີຕົວອັກສອນທີ່ເກັບບໍ່ໄດ້ ເຊັ່ນ ການຂຶ້ນແຖວໃໝ່
import-reason-not_a_number = ບໍ່ແມ່ນຈຳນວນເຕັມ
import-reason-negative = ຕ່ຳກວ່າສູນ
import-reason-out_of_range = ເກີນຂອບເຂດທີ່ອະນຸຍາດ
import-reason-invalid_email = ບໍ່ແມ່ນທີ່ຢູ່ອີເມວ
import-reason-not_a_time = ບໍ່ແມ່ນວັນເວລາ ເຊັ່ນ 2027-06-01T09:00
import-reason-ends_before_start = ບໍ່ໄດ້ຈົບຫຼັງຈາກເລີ່ມ
import-reason-duplicate = ຊ້ຳກັບແຖວກ່ອນ
import-reason-email_taken = ທີ່ຢູ່ນີ້ເປັນຂອງຄົນອື່ນ
import-reason-unknown_programme = ບໍ່ມີຫຼັກສູດນີ້
import-reason-unknown_supervisor = ບໍ່ມີອາຈານຄົນນີ້
import-reason-unknown_student = ບໍ່ມີນັກສຶກສາຄົນນີ້
import-reason-unknown_topic = ບໍ່ມີຫົວຂໍ້ນີ້
import-reason-refers_to_refused = ອ້າງເຖິງແຖວທີ່ຖືກປະຕິເສດ
import-reason-too_many_cells = ຊ່ອງຫຼາຍກວ່າຖັນ
import-reason-invalid_utf8 = ບໍ່ແມ່ນ UTF-8
import-reason-unclosed_quote = ມີເຄື່ອງໝາຍວົງຢືມທີ່ບໍ່ປິດ
import-reason-formula_error = ຄ່າຜິດພາດຂອງຕາຕະລາງ

import-problem-too_large = `{ $file }` ໃຫຍ່ກວ່າ { $detail } MiB.
import-problem-too_many_rows = `{ $file }` ມີຫຼາຍກວ່າ { $detail } ແຖວ.
import-problem-too_much_text = `{ $file }` ມີຂໍ້ຄວາມຫຼາຍເກີນໄປ ຫຼື ມີຫຼາຍກວ່າ { $detail } ຊ່ອງ.
import-problem-too_many_columns = `{ $file }` ມີຫຼາຍກວ່າ { $detail } ຖັນ.
import-problem-too_many_tables = ມີໄຟລ໌ ຫຼື ແຜ່ນງານຫຼາຍກວ່າ { $detail } ໃນຄັ້ງດຽວ.
import-problem-empty = `{ $file }` ຫວ່າງເປົ່າ.
import-problem-not_text = `{ $file }` ບໍ່ແມ່ນຂໍ້ຄວາມແບບ UTF-8.
import-problem-broken_workbook = `{ $file }` ບໍ່ແມ່ນໄຟລ໌ XLSX ທີ່ອ່ານໄດ້. ເປີດໃນໂປຣແກຣມຕາຕະລາງ ແລ້ວບັນທຶກໃໝ່.
import-problem-old_workbook = `{ $file }` ເປັນຮູບແບບ Excel ເກົ່າ; ໃຫ້ບັນທຶກເປັນ .xlsx.
import-problem-unknown_kind = ບອກບໍ່ໄດ້ວ່າ `{ $file }` ມີເນື້ອໃນຫຍັງ ຈາກຊື່ ຫຼື ຖັນຂອງມັນ.
import-problem-unknown_column = `{ $file }` ມີຖັນ `{ $detail }` ທີ່ບໍ່ຄວນຢູ່ໃນນັ້ນ.
import-problem-missing_column = `{ $file }` ຂາດຖັນ `{ $detail }`.
import-problem-duplicate_column = `{ $file }` ມີຖັນ `{ $detail }` ສອງຄັ້ງ.
import-problem-no_programmes = ນັກສຶກສາມີຊື່ຫຼັກສູດ ແຕ່ຍັງບໍ່ຮູ້ຈັກຫຼັກສູດໃດ.
import-problem-nearest = ໝາຍເຖິງ `{ $column }` ບໍ?
field-not_a_number = ບໍ່ແມ່ນຈຳນວນເຕັມ
field-negative = ຕ່ຳກວ່າສູນ
field-out_of_range = ເກີນຂອບເຂດທີ່ອະນຸຍາດ
field-invalid_email = ບໍ່ແມ່ນທີ່ຢູ່ອີເມວ
field-not_a_time = ບໍ່ແມ່ນວັນເວລາ ເຊັ່ນ 2027-06-01T09:00
field-ends_before_start = ບໍ່ໄດ້ຈົບຫຼັງຈາກເລີ່ມ
field-duplicate = ຊ້ຳກັບແຖວກ່ອນ
field-email_taken = ທີ່ຢູ່ນີ້ເປັນຂອງຄົນອື່ນ
field-unknown_programme = ບໍ່ມີຫຼັກສູດນີ້
field-unknown_supervisor = ບໍ່ມີອາຈານຄົນນີ້
field-unknown_topic = ບໍ່ມີຫົວຂໍ້ນີ້
field-refers_to_refused = ອ້າງເຖິງແຖວທີ່ຖືກປະຕິເສດ
field-too_many_cells = ຊ່ອງຫຼາຍກວ່າຖັນ
field-invalid_utf8 = ບໍ່ແມ່ນ UTF-8
field-unclosed_quote = ມີເຄື່ອງໝາຍວົງຢືມທີ່ບໍ່ປິດ
field-formula_error = ຄ່າຜິດພາດຂອງຕາຕະລາງ
import-accounts = ຜູ້ທີ່ມາໃໝ່ມີບັນຊີແລ້ວ ແຕ່ຍັງບໍ່ໄດ້ອີເມວ: ຜູ້ບໍລິຫານເຊີນທຸກຄົນຢູ່ໜ້າບຸກຄົນ ຫຼື ຕັ້ງລະຫັດຜ່ານເອງດ້ວຍ “ລືມລະຫັດຜ່ານ”.
