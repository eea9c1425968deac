// The back-tests take all processors they get; on two cores side by side gains nothing.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
