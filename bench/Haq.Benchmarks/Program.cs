using System.Globalization;
using BenchmarkDotNet.Running;
using Haq.Benchmarks;

if (args is ["steps", .. var rest])
    StepComparison.Run(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 5, rest.ElementAtOrDefault(1));
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
