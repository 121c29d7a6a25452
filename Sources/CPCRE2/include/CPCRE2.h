#ifndef CPCRE2_h
#define CPCRE2_h
#endif
