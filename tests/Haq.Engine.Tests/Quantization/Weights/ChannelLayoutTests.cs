using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Tests.Quantization.Weights;

public sealed class ChannelLayoutTests
{
    [Theory]
    [InlineData(1, 20, 9, 3, 5)]
    [InlineData(7, 20, 1, 0, 16)]
    [InlineData(7, 20, 1, 16, 4)]
    [InlineData(4, 6, 3, 2, 4)]
    public void Channels_together_are_what_they_are_one_by_one(int outer, int channels, int inner, int first, int count)
    {
        var layout = new ChannelLayout(outer, channels, inner);
        int[] tensor = [.. Enumerable.Range(0, layout.Count)];
        int stride = layout.PerChannel + 2;
        int[] together = new int[count * stride], alone = new int[layout.PerChannel];
        layout.Gather(tensor, first, count, together, stride);
        for (int c = 0; c < count; c++)
        {
            layout.Gather(tensor, first + c, alone);
            Assert.Equal(alone, together.AsSpan(c * stride, layout.PerChannel).ToArray());
        }
        int[] back = new int[layout.Count];
        layout.Scatter<int>(together, stride, first, count, back);
        for (int i = 0; i < back.Length; i++)
        {
            int channel = i / inner % channels;
            Assert.Equal(channel >= first && channel < first + count ? tensor[i] : 0, back[i]);
        }
    }
}
