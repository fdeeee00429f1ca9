/* log: event word + key=value to stderr (journald reads <N> priorities). No personal data, no keys. The ledger is not the log. */
#ifndef HOADON_BASE_LOG_H
#define HOADON_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

struct fault;

/** log_set_level() - lines above @level are dropped; once, before threads start. */
void log_set_level(int level);
/** log_event() - one line "event=@event @format…"; values with blanks or quotes are the caller's to avoid. Thread: any. */
void log_event(int level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** log_fault() - @fault as one line of level error. Thread: any. */
void log_fault(const char *event, const struct fault *fault);

#endif
