using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Tests.Quantization.Export;
using Haq.Engine.Tests.Zoo;

namespace Haq.Engine.Tests.Quantization.Weights;

public sealed class WeightTableTests
{
    [Fact]
    public void What_there_is_no_room_for_is_computed_again_to_the_same_numbers()
    {
        var model = QuantizableModel.Prepare(SmallNetworks.Residual());
        using var noise = new RandomDataset(model.View, model.Shapes, 8);
        var calibration = new Calibrator(model).Run(noise);
        var four = new Bitwidth(4);
        long first = sizeof(short) * model.Layers[0].WeightShape.Aggregate(1L, (count, extent) => count * extent);
        WeightTable roomy = new(model, calibration, new WeightOptions()), cramped = new(model, calibration, new WeightOptions(), room: first);

        Assert.Same(roomy.For(1, four), roomy.For(1, four));
        Assert.Same(cramped.For(0, four), cramped.For(0, four));
        Assert.NotSame(cramped.For(1, four), cramped.For(1, four));
        for (int layer = 0; layer < model.Layers.Length; layer++)
        {
            Assert.Equal(roomy.For(layer, four).Weights.Values, cramped.For(layer, four).Weights.Values);
            Assert.Equal(roomy.For(layer, four).Weights.Scales, cramped.For(layer, four).Weights.Scales);
        }
    }
}
