/** What travels: interfaces read into types, values into bytes, calls into objects. */
module dev.limpet.values {
  requires transitive dev.limpet.api;
  requires org.jspecify; // at run time too: @Nullable is read from the interfaces

  exports dev.limpet.values;
}
