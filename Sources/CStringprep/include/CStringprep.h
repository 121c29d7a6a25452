#ifndef CStringprep_h
#define CStringprep_h
#endif
