/* A disk that does not answer: while the file that STALL_WHILE names is there, no fdatasync ends.
   Loaded in front of the C library (ld.so(8), LD_PRELOAD). */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int fdatasync(int file)
{
    const char *stalls = getenv("STALL_WHILE");
    while (stalls && access(stalls, F_OK) == 0)
        usleep(10000);
    return syscall(SYS_fdatasync, file);
}
