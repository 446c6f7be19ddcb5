# What is wrong with a file. Keys are the same in every language; a test compares them.
field-content = ເນື້ອໃນບໍ່ກົງກັບຊື່ໄຟລ໌
field-too_large = ໄຟລ໌ໃຫຍ່ເກີນໄປ
field-empty = ໄຟລ໌ຫວ່າງເປົ່າ
field-several_files = ສົ່ງຫຼາຍກວ່າໜຶ່ງໄຟລ໌
field-broken_off = ການອັບໂຫຼດຂາດກາງທາງ; ກະລຸນາເລືອກໄຟລ໌ອີກ
field-too_much = ອັບໂຫຼດຫຼາຍເກີນໄປໂດຍບໍ່ໄດ້ສົ່ງ; ກະລຸນາລອງໃໝ່ມື້ອື່ນ
