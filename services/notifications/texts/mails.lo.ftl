# ອີເມວ: ຫົວຂໍ້, ເນື້ອໃນທີ່ຂັ້ນວັກດ້ວຍແຖວເປົ່າ, ແລະ ຊື່ຂອງລິ້ງ.
mail-greeting = ຮຽນ { $name },
mail-footer = { $university }. ຂໍ້ຄວາມນີ້ຂຽນໂດຍລະບົບ; ກະລຸນາຢ່າຕອບກັບ.

mail-invitation-subject = ບັນຊີຂອງທ່ານສຳລັບໂຄງການຈົບຊັ້ນ ທີ່ { $university }
mail-invitation-body =
    ບັນຊີຂອງທ່ານທີ່ { $university } ຖືກສ້າງແລ້ວ.

    ກະລຸນາຕັ້ງລະຫັດຜ່ານເພື່ອເຂົ້າສູ່ລະບົບເທື່ອທຳອິດ. ລິ້ງນີ້ໃຊ້ໄດ້ເທື່ອດຽວ ຈົນຮອດ { $until }.
mail-invitation-action = ຕັ້ງລະຫັດຜ່ານ

mail-password-reset-subject = ຕັ້ງລະຫັດຜ່ານໃໝ່
mail-password-reset-body =
    ມີຜູ້ຂໍລະຫັດຜ່ານໃໝ່ສຳລັບບັນຊີຂອງທ່ານ, ເຊິ່ງອາດແມ່ນທ່ານເອງ.

    ລິ້ງນີ້ໃຊ້ໄດ້ເທື່ອດຽວ ຈົນຮອດ { $until }. ຖ້າບໍ່ແມ່ນທ່ານ, ບໍ່ຕ້ອງເຮັດຫຍັງ: ລະຫັດຜ່ານຂອງທ່ານຍັງຄືເກົ່າ.
mail-password-reset-action = ຕັ້ງລະຫັດຜ່ານໃໝ່

mail-password-changed-subject = ລະຫັດຜ່ານຂອງທ່ານຖືກປ່ຽນແລ້ວ
mail-password-changed-body =
    ລະຫັດຜ່ານຂອງບັນຊີທ່ານຖືກປ່ຽນແລ້ວ ແລະ ການເຂົ້າສູ່ລະບົບອື່ນທັງໝົດຖືກປິດ.

    ຖ້າບໍ່ແມ່ນທ່ານ, ກະລຸນາຕັ້ງລະຫັດຜ່ານໃໝ່ທັນທີ ແລະ ແຈ້ງຜູ້ດູແລລະບົບ.
mail-password-changed-action = ເປີດບັນຊີຂອງທ່ານ

mail-proposal-submitted-subject = ລໍຖ້າການຕັດສິນ: { $title }
mail-proposal-submitted-body =
    ບົດສະເໜີ “{ $title }” ຖືກສົ່ງແລ້ວ (ສະບັບທີ { $version }).

    ກະລຸນາອ່ານ ແລະ ອະນຸມັດ, ປະຕິເສດ ຫຼື ຂໍໃຫ້ແກ້ໄຂ.
mail-proposal-submitted-action = ເປີດບົດສະເໜີ

mail-changes-requested-subject = ຂໍໃຫ້ແກ້ໄຂ: { $title }
mail-changes-requested-body =
    ອາຈານທີ່ປຶກສາຂອງທ່ານຂໍໃຫ້ແກ້ໄຂບົດສະເໜີ “{ $title }” ({ $count } ລາຍການ).

    ກະລຸນາໝາຍແຕ່ລະລາຍການເມື່ອແກ້ໄຂແລ້ວ ແລະ ສົ່ງບົດສະເໜີອີກເທື່ອ.
mail-changes-requested-action = ເບິ່ງສິ່ງທີ່ຕ້ອງແກ້ໄຂ

mail-proposal-approved-subject = ອະນຸມັດແລ້ວ: { $title }
mail-proposal-approved-body = ບົດສະເໜີ “{ $title }” ໄດ້ຮັບການອະນຸມັດແລ້ວ. ຂັ້ນຕອນ ແລະ ກຳນົດວັນທີຂອງທ່ານຢູ່ໃນໜ້າໂຄງການ.
mail-proposal-approved-action = ເປີດໂຄງການ

mail-proposal-rejected-subject = ຖືກປະຕິເສດ: { $title }
mail-proposal-rejected-body =
    ບົດສະເໜີ “{ $title }” ຖືກປະຕິເສດ.

    ເຫດຜົນ: { $reason }
mail-proposal-rejected-action = ເປີດໂຄງການ

mail-membership-declined-subject = { $member } ບໍ່ເຂົ້າຮ່ວມ: { $title }
mail-membership-declined-body =
    { $member } ຖືກລະບຸເປັນສະມາຊິກຂອງໂຄງການ “{ $title }” ແຕ່ປະຕິເສດ ແລະ ອອກແລ້ວ.

    ໂຄງການດຳເນີນຕໍ່ໂດຍບໍ່ມີຜູ້ນີ້.
mail-membership-declined-action = ເປີດໂຄງການ

mail-milestone-submitted-subject = ລໍຖ້າການກວດ: { $milestone } – { $title }
mail-milestone-submitted-body = “{ $milestone }” ຂອງໂຄງການ “{ $title }” ຖືກສົ່ງແລ້ວ (ສະບັບທີ { $version }) ແລະ ລໍຖ້າການກວດຂອງທ່ານ.
mail-milestone-submitted-action = ເປີດຜົນງານທີ່ສົ່ງ

mail-milestone-returned-subject = ສົ່ງຄືນ: { $milestone } – { $title }
mail-milestone-returned-body =
    “{ $milestone }” ຂອງໂຄງການ “{ $title }” ຖືກສົ່ງຄືນເພື່ອແກ້ໄຂຕື່ມ.

    ເຫດຜົນ: { $reason }
mail-milestone-returned-action = ເປີດຂັ້ນຕອນ

mail-final-submitted-subject = ສົ່ງຜົນງານສຸດທ້າຍແລ້ວ: { $title }
mail-final-submitted-body = ຜົນງານສຸດທ້າຍຂອງໂຄງການ “{ $title }” ຖືກສົ່ງແລ້ວ.
mail-final-submitted-action = ເປີດໂຄງການ

mail-final-received-subject = ໃບຮັບເລກທີ { $receipt }: { $title }
mail-final-received-body =
    ໄດ້ຮັບຜົນງານສຸດທ້າຍຂອງໂຄງການ “{ $title }” ແລ້ວ. ເລກທີໃບຮັບຂອງທ່ານແມ່ນ { $receipt }.

    SHA-256 ຂອງໄຟລ໌ຫຼັກ: { $digest }

    ກະລຸນາເກັບຂໍ້ຄວາມນີ້ໄວ້: ມັນເປັນຫຼັກຖານວ່າທ່ານໄດ້ສົ່ງຫຍັງ.
mail-final-received-action = ເປີດໂຄງການ

mail-topic-returned-subject = ສົ່ງຄືນເພື່ອແກ້ໄຂ: { $title }
mail-topic-returned-body =
    ຜູ້ປະສານງານສົ່ງຫົວຂໍ້ “{ $title }” ຂອງທ່ານຄືນເພື່ອແກ້ໄຂ.

    ເຫດຜົນ: { $reason }

    ກະລຸນາແກ້ໄຂຫົວຂໍ້ ແລະ ສົ່ງໃຫ້ກວດອີກ.
mail-topic-returned-action = ເປີດຫົວຂໍ້
