# One sentence for each kind of notification.
notice-proposal-submitted = “{ $title }” was submitted and waits for your decision (version { $version })
notice-changes-requested = Changes were requested to “{ $title }” (items: { $count })
notice-proposal-approved = The proposal “{ $title }” was approved
notice-proposal-rejected = The proposal “{ $title }” was rejected: { $reason }
notice-membership-declined = { $member } declined to take part in “{ $title }” and left it
notice-milestone-submitted = “{ $milestone }” of “{ $title }” was submitted and waits for your review (version { $version })
notice-milestone-approved = “{ $milestone }” of “{ $title }” was approved
notice-milestone-returned = “{ $milestone }” of “{ $title }” was returned: { $reason }
notice-final-submitted = The final work of “{ $title }” was submitted
notice-final-received = The final work of “{ $title }” was received (receipt { $receipt })
notice-topic-returned = The topic “{ $title }” was returned for rework: { $reason }
