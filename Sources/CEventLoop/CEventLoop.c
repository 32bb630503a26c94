// SwiftPM wants one source in a C target; everything is in the header.
#include "CEventLoop.h"
