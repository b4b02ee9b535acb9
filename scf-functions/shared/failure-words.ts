// What providers on OpenAI's wire, and gateways in front of them, call two things that must never be taken for
// something else: a bill that is not paid, and content that is not allowed. Codes are told apart from messages, since a
// message quotes what it likes.

/** Codes and types: `insufficient_user_quota`, `Arrearage`, `AccountOverdueError`, `billing_hard_limit_reached`. */
export const UNPAID_CODES =
  /arrear|overdue|unpaid|(insufficient|not_?enough|no|low)_?((user|account|token)_?)*(quota|balance|credits?|funds)|(quota|balance|credits?|funds|resource_?pack)_?(insufficient|not_?enough|exhausted|used_?up)|exceeded_current_quota|pre_consume_token_quota|payment_?required|^billing_|account_(deactivated|suspended|closed)/i;

/** Messages that say so in words, in English or Chinese. */
export const UNPAID_WORDS =
  /overdue|arrears|unpaid|payment required|insufficient[\w -]{0,20}(balance|credit|quota|fund)|(balance|credits?|quota|funds) (is|are) (insufficient|not enough|too low|used up|exhausted)|out of credits?|余额不足|欠费|额度不足|额度已用|额度已耗尽/i;

/** Codes and types: `content_filter`, `moderation_blocked`, `data_inspection_failed`. */
export const REJECTED_CODES =
  /content_?(filter|policy|violation)|sensitive|moderation|risk|data_?inspection|inappropriate|unsafe|safety|responsible_?ai|prohibited_?content/i;

/** Messages that say so in words. */
export const REJECTED_WORDS =
  /inappropriate content|sensitive (information|content|words?)|content (management )?policy|safety system|was (flagged|filtered)|敏感(信息|内容|词)|违规|内容安全/i;
