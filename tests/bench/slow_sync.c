/* slow_sync: preloaded into a program whose disk shall be slow; every sync takes 20 ms longer. */
#include <dlfcn.h>
#include <unistd.h>

#define SLOWER_US 20000

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	usleep(SLOWER_US);
	return real(fd);
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	usleep(SLOWER_US);
	return real(fd);
}
