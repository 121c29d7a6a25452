/* CPCRE2 */
