#ifndef CResolver_h
#define CResolver_h
#endif
