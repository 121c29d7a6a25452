#ifndef start_h
#define start_h

// Whether libcurl is there to be used; the first call starts it.
__attribute__((visibility("hidden"))) int oxbow_curl_is_started(void);

#endif
