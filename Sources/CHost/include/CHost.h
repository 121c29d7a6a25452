#ifndef CHost_h
#define CHost_h
#endif
