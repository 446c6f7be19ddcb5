# What one case of an error is about, in Lao, with the members of the problem as arguments.
# What the code is called, and what to do about it, is its page in the folder beside this file.

error-PRJ-003-detail = ເຮັດ “{ $action }” ໃນສະຖານະ “{ $state }” ບໍ່ໄດ້
error-PRJ-004-detail = ມີຜູ້ແກ້ໄຂໃນລະຫວ່າງນັ້ນ: ສະບັບປັດຈຸບັນແມ່ນ { $version }
error-PRJ-007-detail = “{ $number }” ຢູ່ໃນໂຄງການອື່ນຂອງຮອບນີ້ແລ້ວ
error-PRJ-010-detail = “{ $action }” ເປັນຂັ້ນຕອນຂອງຜູ້ອື່ນ
error-WEB-002-detail = ໃຊ້ວິທີ “{ $method }” ຢູ່ນີ້ບໍ່ໄດ້
error-WEB-003-detail = ຄຳຂໍໃຫຍ່ກວ່າ { $bytes_max } ໄບຕ໌
error-WEB-004-detail = ອ່ານເນື້ອໃນບໍ່ໄດ້: { $cause }
error-WEB-005-detail = ປະເພດເນື້ອໃນຕ້ອງແມ່ນ “{ $expected }”
error-WEB-007-detail = ຊື່ຕົວກຳນົດທີ່ໃຊ້ໄດ້: { $parameters }
