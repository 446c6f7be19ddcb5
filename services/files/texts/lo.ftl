field-content = ເນື້ອໃນບໍ່ກົງກັບຊື່ໄຟລ໌.
field-too_large = ໄຟລ໌ໃຫຍ່ເກີນໄປ.
field-empty = ໄຟລ໌ຫວ່າງເປົ່າ.
