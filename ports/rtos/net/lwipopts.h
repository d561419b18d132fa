/*
 * lwIP as Latchkey runs it: threaded, IPv4, every buffer in a pool whose size is known at build time. The
 * bytes are of a Cortex-M4 and add up in ports/README.md; `size` prints them. A board's board.h may set any
 * name that stands here under #ifndef.
 */
#ifndef LK_LWIPOPTS_H
#define LK_LWIPOPTS_H

/* --- what an integrator sets ---------------------------------------------------------------------------- */

/* Clients' connections that may be open at once: 300 bytes each, without TLS. */
#ifndef LK_NET_CONNECTIONS
#define LK_NET_CONNECTIONS 20
#endif
/* Data that was sent and is not acknowledged yet, of all connections together: bytes. */
#ifndef LK_NET_SEND_BYTES
#define LK_NET_SEND_BYTES 12288
#endif
/* Pieces that received frames are put in, 412 bytes each; a full frame takes four. */
#ifndef LK_NET_RECEIVE_PIECES
#define LK_NET_RECEIVE_PIECES 32
#endif
/* Announce the device by multicast DNS: 8.1 KB of code, 0.7 KB of memory. */
#ifndef LK_NET_MDNS
#define LK_NET_MDNS 0
#endif
/* Ask by ARP whether anybody has the address that DHCP gave: half a second to a second at each start, and 310
   bytes of code. The DHCP server should have looked. */
#ifndef LK_NET_DHCP_CHECK
#define LK_NET_DHCP_CHECK 0
#endif

/* --- threads -------------------------------------------------------------------------------------------- */

#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
/* A thread that calls a socket function does the work itself under one lock: no switch of threads a call. */
#define LWIP_TCPIP_CORE_LOCKING 1
#define LWIP_TCPIP_CORE_LOCKING_INPUT 0
#define TCPIP_THREAD_NAME "lwip"
/* Its peak is 700 to 1 000 bytes; console `threads` shows it. */
#define TCPIP_THREAD_STACKSIZE 2048
#define TCPIP_THREAD_PRIO LK_PRIORITY_NETWORK
#define TCPIP_MBOX_SIZE 8
void lk_net_check_core_locked(void);
#define LWIP_ASSERT_CORE_LOCKED() lk_net_check_core_locked()
void lk_net_mark_thread(void);
#define LWIP_MARK_TCPIP_THREAD() lk_net_mark_thread()

/* --- memory --------------------------------------------------------------------------------------------- */

#define MEM_ALIGNMENT 4
#define MEM_SIZE LK_NET_SEND_BYTES
/* Listeners for HTTPS and for HTTP, one connection to a mail server, and three that are accepted before an
   idle one has made room: 100 bytes each with their queue and their socket. */
#define MEMP_NUM_NETCONN (LK_NET_CONNECTIONS + 6)
#define MEMP_NUM_TCP_PCB_LISTEN 4 /* 40 bytes each */
/* Four more than sockets: connections that say goodbye or that knock; pressure.c makes room among them. 160
   bytes each. */
#define MEMP_NUM_TCP_PCB (MEMP_NUM_NETCONN + 4)
/* Segments on their way, 16 bytes each. */
#define MEMP_NUM_TCP_SEG 40
#define MEMP_NUM_UDP_PCB (4 + LK_NET_MDNS) /* DHCP, SNTP, two DNS questions; 32 bytes each */
#define MEMP_NUM_RAW_PCB 0
#define MEMP_NUM_PBUF 4
#define MEMP_NUM_NETBUF 1
#define MEMP_NUM_NETDB 1
#define MEMP_NUM_TCPIP_MSG_API 2
#define MEMP_NUM_TCPIP_MSG_INPKT 1
/* Ours are three and SNTP's two; 16 bytes each. */
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 5 + 9 * LK_NET_MDNS)
#define PBUF_POOL_SIZE LK_NET_RECEIVE_PIECES
#define PBUF_POOL_BUFSIZE 384
/* Frames that are not TCP's wait for nobody: none is kept while an address is asked for, but one. */
#define ARP_QUEUEING 0
#define ARP_TABLE_SIZE 8 /* 24 bytes each */
#define MEM_STATS 1      /* with MEMP_STATS the counts that pressure.c and the console read */
#define MEMP_STATS 1
#define LWIP_STATS 1
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define SYS_STATS 0
#define IGMP_STATS 0

/* --- TCP ------------------------------------------------------------------------------------------------- */

#define TCP_MSS 1460
/* Two frames of each connection may wait here for their reader. */
#define TCP_WND (2 * TCP_MSS)
/* What one connection may take of LK_NET_SEND_BYTES. */
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
/* Frames out of order are dropped and sent again: a stranger cannot fill memory with them. */
#define TCP_QUEUE_OOSEQ 0
/* An answer is one write: nothing is allocated beyond it. */
#define TCP_OVERSIZE 0
#define TCP_LISTEN_BACKLOG 1
#define TCP_DEFAULT_LISTEN_BACKLOG 0xff
/* A peer that is gone is given up after 9 s to 90 s instead of 12 minutes. */
#define TCP_MAXRTX 6
#define TCP_SYNMAXRTX 4
#define TCP_MSL 15000UL
#define LWIP_TCP_TIMESTAMPS 0
#define DEFAULT_TCP_RECVMBOX_SIZE 6
#define DEFAULT_UDP_RECVMBOX_SIZE 6
#define DEFAULT_RAW_RECVMBOX_SIZE 6
#define DEFAULT_ACCEPTMBOX_SIZE 32 /* 140 bytes for each that listens */
/* When and how much each connection last moved, for pressure.c: 8 bytes each. */
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1

/* --- the rest of the stack -------------------------------------------------------------------------------- */

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 1
#define LWIP_ETHERNET 1
#define ETH_PAD_SIZE 0
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_TCP 1
#define IP_REASSEMBLY 0 /* nothing that we speak comes in fragments */
#define IP_FRAG 0
#define LWIP_IGMP LK_NET_MDNS
#define LWIP_DHCP 1
#define DHCP_DOES_ARP_CHECK LK_NET_DHCP_CHECK
#define LWIP_DHCP_GET_NTP_SRV 1
#define LWIP_DHCP_MAX_NTP_SERVERS 2
#define LWIP_DHCP_MAX_DNS_SERVERS 2
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 2
#define DNS_MAX_NAME_LENGTH 128
#define DNS_MAX_SERVERS 2
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_SINGLE_NETIF 1
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_CHECKSUM_ON_COPY 0

/* --- sockets ----------------------------------------------------------------------------------------------- */

#define LWIP_NETCONN 1
#define LWIP_SOCKET 1
/* Functions carry POSIX's names; libc's read, write and close look at the number of the descriptor. */
#define LWIP_COMPAT_SOCKETS 2
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define LWIP_SOCKET_OFFSET 16
#define LWIP_SOCKET_POLL 1
#define LWIP_SOCKET_SELECT 0
/* One thread may shut a socket down while another reads from it. */
#define LWIP_NETCONN_FULLDUPLEX 1
#define LWIP_NETCONN_SEM_PER_THREAD 1
#define LWIP_SO_RCVTIMEO 0
#define LWIP_SO_SNDTIMEO 0
#define LWIP_SO_LINGER 0
#define LWIP_SO_RCVBUF 0
#define SO_REUSE 1
#define LWIP_TCP_KEEPALIVE 0
/* newlib has these: its errno, one for each thread. */
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_TIMEVAL_PRIVATE 0

/* --- time and names ------------------------------------------------------------------------------------------ */

#include <stdbool.h>
#include <stdint.h>

bool lk_wall_set(int64_t seconds, uint32_t microseconds);
uint32_t lk_net_random(void);
#define SNTP_SERVER_DNS 1
#define SNTP_MAX_SERVERS 2
#define SNTP_GET_SERVERS_FROM_DHCP 1
/* An answer must come from the server that was asked and carry the time that our question gave as ours. That
   is a random number: who did not see the question cannot answer it. */
#define SNTP_CHECK_RESPONSE 2
#define SNTP_GET_SYSTEM_TIME_NTP(sec, fraction) ((sec) = (s32_t)lk_net_random(), (fraction) = lk_net_random())
#define SNTP_STARTUP_DELAY 0
#define SNTP_RECV_TIMEOUT 5000
#define SNTP_RETRY_TIMEOUT 15000
#define SNTP_UPDATE_DELAY 3600000
#define SNTP_SET_SYSTEM_TIME_US(sec, us) lk_wall_set((int64_t)(sec), (us))

#define LWIP_MDNS_RESPONDER LK_NET_MDNS
#define MDNS_MAX_SERVICES 1
#define LWIP_NUM_NETIF_CLIENT_DATA LK_NET_MDNS

/* --- hooks --------------------------------------------------------------------------------------------------- */

#define LWIP_HOOK_FILENAME "rtos/net/hooks.h"

#endif
