using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Whole builds of QONNX files.</summary>
public sealed class QonnxPipelineTests
{
    [Fact]
    public void Chosen_ranges_equalization_and_integers_between_layers_go_together()
    {
        using var project = new TinyProject();
        var keys = TinyProject.With(TinyProject.Base, new Dictionary<string, string>
        {
            ["format"] = "qonnx",
            ["quantization.ranges"] = "auto",
            ["quantization.equalize"] = "true",
            ["quantization.junctions"] = "integer",
            ["quantization.rounding"] = "nearest",
            ["finetune.epochs"] = "",
            ["finetune.batch"] = "",
        });
        project.Open(keys).Dispose();
        var result = ManifestBuild.Run(new PipelineOptions(project["haq.yaml"], new StageCache(project["cache"])), null, CancellationToken.None);
        var file = OnnxModel.Load(result.Outputs.Single(o => o.Kind == "model").Path);
        Assert.Contains(file.Graph.Node, n => n.OpType == QonnxOperators.Quant);
        Assert.False(result.FromCache);
    }
}
