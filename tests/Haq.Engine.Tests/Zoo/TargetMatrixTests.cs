using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Dialects;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Zoo;

/// <summary>
/// Networks in the folders that HAQ_NETWORKS names (eng/try-targets sets it), each written for every target: no violation that is the exporter's, in both
/// readings of the documents; or a reason in a line.
/// </summary>
public sealed class TargetMatrixTests(ITestOutputHelper output)
{
    private static IEnumerable<string> Files => (Environment.GetEnvironmentVariable("HAQ_NETWORKS") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.onnx")).Order(StringComparer.Ordinal);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string file in Files)
                foreach (string target in DialectCatalog.BuiltInNames) cases.Add(target, file);
            if (!Files.Any()) cases.Add("", "");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_is_written_for_a_target_without_a_violation_or_refused_in_a_line(string target, string file)
    {
        if (file.Length == 0) Assert.Skip("needs the folders that eng/try-targets names");
        string name = Path.GetFileNameWithoutExtension(file);
        try
        {
            var profile = DialectCatalog.Load(target, ".");
            var quantizer = TargetExportTests.OnNoise(OnnxModel.Load(file), profile);
            var exported = OnnxModel.Parse(QdqExporter.Export(quantizer.Quantize(Policy.Uniform(quantizer.Model.Items.Length, new LayerBits(8, 8)))).ToBytes(), "exported.onnx");
            var verdicts = ConformanceCheck.Run(exported, profile).Verdicts;
            Assert.DoesNotContain(verdicts.SelectMany(v => v.Breaches), b => b.Rule.Effect != RuleEffect.Note && !TargetExportTests.NetworksOwn.Contains(b.Rule.Kind));
            Assert.DoesNotContain(VendorCheck.Violations(target, exported), v => !VendorCheckTests.NetworksOwn.Contains(v.Rule));
            string[] host = [.. verdicts.Where(v => v.Fails).Select(v => v.Operator).Distinct().Order(StringComparer.Ordinal)];
            output.WriteLine($"MATRIX {name} {target}: {(host.Length == 0 ? "all" : $"all but {verdicts.Count(v => v.Fails)} nodes ({string.Join(", ", host)})")}");
        }
        catch (HaqException e)
        {
            Assert.DoesNotContain("\n", e.Diagnostic.Message, StringComparison.Ordinal);
            output.WriteLine($"MATRIX {name} {target}: {e.Diagnostic.Descriptor.Code} {e.Diagnostic.Message}");
        }
    }
}
