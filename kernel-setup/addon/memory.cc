// What each step frees stays with the process for the next one. By default glibc gives the memory of a thread back to
// the system whenever 128 KiB at its end are free: runs side by side then fault in most of their state at every step.
// And whenever XLA frees what it needed for an iteration of a loop, glibc joins the pieces in its lists of small ones.
// Without these lists (each thread has its own besides) a loop of small operations takes four fifths of the time.
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>

namespace {
const bool kept = mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 30) &&
                  mallopt(M_TOP_PAD, 64 << 20) && mallopt(M_MXFAST, 0);
}
#endif
