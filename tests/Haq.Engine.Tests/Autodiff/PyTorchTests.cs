using System.Diagnostics;
using System.Text.Json;
using Haq.Engine.Autodiff;
using Haq.Engine.Tests.Autodiff.Reference;
using Onnx;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>Every example of every rule against PyTorch, by eng/gradients-against-pytorch.py; skipped where there is no PyTorch.</summary>
public sealed class PyTorchTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public void Every_rule_agrees_with_PyTorch()
    {
        if (!File.Exists(Python) || Run("-c", "import torch").ExitCode != 0) Assert.Skip($"{Python} has no torch");
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Haq.Build.sln"))) folder = Path.GetDirectoryName(folder);
        using var temporary = new TemporaryFolder();
        string cases = temporary["cases.jsonl"];
        int count = 0;
        using (var writer = new StreamWriter(cases))
        {
            foreach (var rule in GradientRules.All)
            {
                for (int i = 0; i < rule.Examples.Length; i++)
                {
                    foreach (var kernels in RuleRun.HasKernels(rule.Op) ? new[] { KernelSet.Standard, KernelSet.Custom } : [KernelSet.Standard])
                    {
                        writer.WriteLine(JsonSerializer.Serialize(Describe(rule.Op, i, kernels)));
                        count++;
                    }
                }
            }
        }
        var (exit, output) = Run(Path.Combine(folder!, "eng", "gradients-against-pytorch.py"), cases, "1e-4");
        Assert.True(exit == 0, string.Join('\n', output.Split('\n').Where(l => !l.StartsWith("ok ", StringComparison.Ordinal))));
        Assert.Contains($"{count} cases, 0 failed", output, StringComparison.Ordinal);
    }

    private static object Describe(string op, int number, KernelSet kernels)
    {
        var run = RuleRun.Of(op, number, kernels);
        var example = GradientRules.All.Single(r => r.Op == op).Examples[number];
        return new
        {
            op,
            number,
            kernels = kernels.ToString().ToLowerInvariant(),
            attributes = run.Node.Attribute.ToDictionary(a => a.Name, ValueOf),
            inputs = run.Inputs.Select((x, i) => x is null ? null : new
            {
                shape = x.Shape,
                kind = example.Inputs[i]!.Whole is null ? "real" : "integer",
                data = example.Inputs[i]!.Whole is { } whole ? (object)whole : x.Data,
                trained = run.Gradients[i] is not null,
            }),
            seeds = run.Seeds.Select(s => s.Data),
            outputs = run.Outputs.Select(o => o.Data),
            gradients = run.Gradients.Select(g => g?.Data),
        };
    }

    private static object ValueOf(AttributeProto attribute) => attribute.Type switch
    {
        AttributeProto.Types.AttributeType.Float => attribute.F,
        AttributeProto.Types.AttributeType.Int => attribute.I,
        AttributeProto.Types.AttributeType.String => attribute.S.ToStringUtf8(),
        _ => attribute.Ints.ToArray(),
    };

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
