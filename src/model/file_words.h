// What is said to the server of a run directory's files, as frames (model/reach.h). A payload is a line
// of numbers, and the path behind it. Paths start at the run directory and never lead out of it.
//
//   stat       ""              -> done "KIND MODE SIZE MTIME"      kind: f file, d folder, l link, o other
//   list       ""              -> entry "KIND MODE SIZE MTIME\nNAME" ..., done ""
//   get        "OFFSET END"    -> bytes ..., done ""
//   hash       "LENGTH"        -> done HEX                          SHA-256 of the first bytes
//   part       ""              -> done "SIZE"                       what an earlier put has left
//   put        "OFFSET"        then bytes ..., and
//   commit     "MODE SIZE HEX" -> done ""                           the file is there, whole, or not at all
//   mkdir      "MODE"          -> done ""
//
// In place of `done` comes `refused` "code\nmessage".
#pragma once

namespace dayu::file_word {

inline constexpr char stat = 'S';
inline constexpr char list = 'L';
inline constexpr char get = 'G';
inline constexpr char hash = 'H';
inline constexpr char part = 'U';
inline constexpr char put = 'P';
inline constexpr char commit = 'C';
inline constexpr char mkdir = 'M';
inline constexpr char bytes = 'D';
inline constexpr char entry = 'N';
inline constexpr char done = 'K';
inline constexpr char refused = 'F';

}  // namespace dayu::file_word
