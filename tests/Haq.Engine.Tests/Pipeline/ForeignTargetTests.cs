using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Files for other toolchains, measured on the processor that is here.</summary>
public sealed class ForeignTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>int8 weights saturate in default sessions on x64 without VNNI, at 16 bits within a pair of products: these files are not for such sessions, and are not refused (HAQ0314).</summary>
    [Theory]
    [InlineData("qnn")]
    [InlineData("openvino")]
    public void Int8_weights_are_measured_as_the_target_computes_them(string target)
    {
        File.WriteAllText(_folder["haq.yaml"], $$"""
            model: {{Shared.File("models/mlperftiny_ic_resnet8_float.onnx")}}
            output: out.onnx
            hardware: bismo-edge
            bits: 8
            target: {{target}}
            data:
              calibration: {path: {{Shared.File("datasets/cifar10_train_2000.bin.gz")}}, samples: 64}
              evaluation: {path: {{Shared.File("datasets/cifar10_eval_4000.bin.gz")}}, samples: 256}
            """);
        var result = ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        Assert.DoesNotContain(result.Warnings, w => w.Descriptor.Code == "HAQ1301");
        Assert.InRange(result.Report.Quantized!.Top1!.Value, result.Report.Float!.Top1!.Value - 2, 100);
    }
}
