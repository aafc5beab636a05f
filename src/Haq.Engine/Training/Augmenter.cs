using Haq.Engine.Numerics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training;

/// <summary>Changes images in place.</summary>
internal static class Augmenter
{
    /// <summary>Flips and shifts every image of a batch [N, C, H, W], each in its own way; other tensors stay as they are.</summary>
    public static void Apply(OrtTensor images, Augmentation augmentation, SeededRandom random)
    {
        if (augmentation.IsNone || images.Shape is not [var n, var channels, var height, var width] || images.Type != global::Onnx.TensorProto.Types.DataType.Float) return;
        int h = (int)height, w = (int)width, planes = (int)channels;
        float[] row = new float[h * w];
        for (int image = 0; image < n; image++)
        {
            bool flip = augmentation.Flip && random.Next(2) == 1;
            int down = augmentation.Shift > 0 ? random.Next(2 * augmentation.Shift + 1) - augmentation.Shift : 0;
            int right = augmentation.Shift > 0 ? random.Next(2 * augmentation.Shift + 1) - augmentation.Shift : 0;
            if (!flip && down == 0 && right == 0) continue;
            for (int c = 0; c < planes; c++)
            {
                var plane = images.Values<float>().Slice((image * planes + c) * h * w, h * w);
                plane.CopyTo(row);
                for (int y = 0; y < h; y++)
                {
                    for (int x = 0; x < w; x++)
                    {
                        int fromY = y - down, fromX = x - right;
                        if (flip) fromX = w - 1 - fromX;
                        bool inside = (uint)fromY < (uint)h && (uint)fromX < (uint)w;
                        plane[y * w + x] = inside ? row[fromY * w + fromX] : 0;
                    }
                }
            }
        }
    }
}
