using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Dialects;

/// <summary>The independent reading of the vendors' documents: it finds what is wrong in files made by hand, and nothing in files that are exported.</summary>
public sealed class VendorCheckTests
{
    /// <summary>What a network is, no exporter changes: operators that a target lacks, their restrictions, products of two activations.</summary>
    internal static readonly string[] NetworksOwn = ["operators", "restrictions", "hybrid"];

    [Fact]
    public void Every_rule_finds_its_violation_and_a_good_file_has_none()
    {
        if (!VendorCheck.IsThere) Assert.Skip("needs python3");
        var (exit, output, error) = VendorCheck.Run("self_test.py");
        Assert.True(exit == 0, output + error);
        Assert.Contains(" 0 failures", output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Exports
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string target in DialectCatalog.BuiltInNames)
                foreach (string model in (string[])["mnist-8", "mlperftiny_kws_dscnn_float", "mlperftiny_ic_resnet8_float"]) cases.Add(target, model);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public void A_real_network_exports_to_every_target_without_a_violation(string target, string model)
    {
        var profile = DialectCatalog.Load(target, ".");
        var quantizer = TargetExportTests.Quantizer(OnnxModel.Load(Shared.File($"models/{model}.onnx")), profile, out _);
        var exported = OnnxModel.Parse(QdqExporter.Export(quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(8, 8)))).ToBytes(), "exported.onnx");
        var own = ConformanceCheck.Run(exported, profile).Verdicts.SelectMany(v => v.Breaches)
            .Where(b => b.Rule.Effect != RuleEffect.Note && !TargetExportTests.NetworksOwn.Contains(b.Rule.Kind)).Select(b => b.What);
        Assert.Empty(own);
        Assert.DoesNotContain(VendorCheck.Violations(target, exported), v => !NetworksOwn.Contains(v.Rule));
    }
}
