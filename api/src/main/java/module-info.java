/** What an application author writes and sees. */
module dev.limpet.api {
  requires static transitive org.jspecify;

  exports dev.limpet;
  exports dev.limpet.spi;

  uses dev.limpet.spi.LimpetProvider;
}
