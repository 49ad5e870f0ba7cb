// What each step frees stays with the process for the next one. By default glibc gives the memory of a thread back to
// the system whenever 128 KiB at its end are free: runs side by side then fault in most of their state at every step.
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>

namespace {
const bool kept = mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 30) &&
                  mallopt(M_TOP_PAD, 64 << 20);
}
#endif
