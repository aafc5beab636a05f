using System.Diagnostics;
using System.Runtime.Intrinsics;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>The kernel tests once more in a process of their own, where instruction sets are turned off: what older processors do.</summary>
public sealed class InstructionSetTests
{
    /// <summary>The environment variable that tells the process which registers it should have.</summary>
    internal const string ExpectedBits = "HAQ_TEST_VECTOR_BITS";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 32)]
    public async Task Kernels_pass_their_tests_without(string setting, int bits)
    {
        if (!Vector128.IsHardwareAccelerated || VectorLoop.Widest < bits) Assert.Skip($"this machine has no {setting["DOTNET_Enable".Length..]} to turn off");
        var info = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        info.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        foreach (var tests in new[]
        {
            typeof(KernelWidthTests), typeof(CustomOperatorTests), typeof(ElementwiseKernelTests), typeof(BatchNormKernelTests), typeof(DenseKernelTests), typeof(IntegerConvTests),
        })
        {
            info.ArgumentList.Add("-class");
            info.ArgumentList.Add(tests.FullName!);
        }
        info.Environment[setting] = "0";
        info.Environment[ExpectedBits] = bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string said = await output + await errors;
        Assert.True(process.ExitCode == 0, said);
        Assert.Matches(@"Total: [1-9]\d", said);
    }
}
