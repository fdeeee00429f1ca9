/*
 * failpoint: places where a test build can be made to die or fail. Wrappers (store, file, http) generate them from their own
 * tables; nobody places one by hand. Without HOADON_FAILPOINTS they are nothing.
 *
 * HOADON_FAILPOINT=NAME:COUNT:ACTION   at the COUNT-th visit of NAME: kill (SIGKILL to ourselves), fail (the call reports a failure) or hang
 * HOADON_FAILPOINT_LOG=FILE            every first visit of a name is written there
 */
#ifndef HOADON_BASE_FAILPOINT_H
#define HOADON_BASE_FAILPOINT_H

#ifdef HOADON_FAILPOINTS
/** failpoint() - visit @name ("store.commit") at @phase ("before", "after"); 1 when the call shall report a failure, else 0. Thread: any. */
int failpoint(const char *name, const char *phase);
#define FAILPOINT(name, phase) failpoint((name), (phase))
#else
#define FAILPOINT(name, phase) 0
#endif

#endif
