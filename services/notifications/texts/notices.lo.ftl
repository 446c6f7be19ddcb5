# ໜຶ່ງປະໂຫຍກສຳລັບແຕ່ລະປະເພດການແຈ້ງເຕືອນ.
notice-proposal-submitted = “{ $title }” ຖືກສົ່ງແລ້ວ ແລະ ລໍຖ້າການຕັດສິນຂອງທ່ານ (ສະບັບທີ { $version })
notice-changes-requested = ມີການຂໍໃຫ້ແກ້ໄຂ “{ $title }” ({ $count } ລາຍການ)
notice-proposal-approved = ບົດສະເໜີ “{ $title }” ໄດ້ຮັບການອະນຸມັດແລ້ວ
notice-proposal-rejected = ບົດສະເໜີ “{ $title }” ຖືກປະຕິເສດ: { $reason }
notice-membership-declined = { $member } ປະຕິເສດການເຂົ້າຮ່ວມ “{ $title }” ແລະ ອອກແລ້ວ
notice-milestone-submitted = “{ $milestone }” ຂອງ “{ $title }” ຖືກສົ່ງແລ້ວ ແລະ ລໍຖ້າການກວດຂອງທ່ານ (ສະບັບທີ { $version })
notice-milestone-approved = “{ $milestone }” ຂອງ “{ $title }” ໄດ້ຮັບການອະນຸມັດແລ້ວ
notice-milestone-returned = “{ $milestone }” ຂອງ “{ $title }” ຖືກສົ່ງຄືນ: { $reason }
notice-final-submitted = ຜົນງານສຸດທ້າຍຂອງ “{ $title }” ຖືກສົ່ງແລ້ວ
notice-final-received = ໄດ້ຮັບຜົນງານສຸດທ້າຍຂອງ “{ $title }” ແລ້ວ (ໃບຮັບເລກທີ { $receipt })
notice-topic-returned = ຫົວຂໍ້ “{ $title }” ຖືກສົ່ງຄືນເພື່ອແກ້ໄຂ: { $reason }
