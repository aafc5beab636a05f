using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Engine.Tests.Search.Ddpg;

public sealed class DenseNetworkTests
{
    [Theory]
    [InlineData(8, 32, 5)]
    [InlineData(16, 64, 33)]
    [InlineData(304, 96, 11)]
    public void Products_equal_double_precision(int rows, int columns, int depth)
    {
        var random = new SeededRandom(1);
        float[] a = Random(rows * depth, random), b = Random(depth * columns, random), c = new float[rows * columns];
        foreach (bool transposed in (bool[])[false, true])
        {
            var (rowStride, columnStride) = transposed ? (1, rows) : (depth, 1);
            MatrixProduct.Run(a, rowStride, columnStride, b, c, rows, columns, depth);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double sum = 0;
                    for (int k = 0; k < depth; k++) sum += (double)a[i * rowStride + k * columnStride] * b[k * columns + j];
                    // Rounding of `depth` products of numbers up to 1.
                    Assert.Equal(sum, c[i * columns + j], 1e-6 * depth);
                }
            }
        }
    }

    [Theory]
    [InlineData(11, 300, 300, 4)]
    [InlineData(10, 17, 9, 5)]
    public void Gradients_equal_differences_in_double_precision(int inputs, int hidden1, int hidden2, int batch)
    {
        var random = new SeededRandom(2);
        var network = new DenseNetwork(inputs, hidden1, hidden2, lastBound: 0.1, batch, random);
        int columns = network.Batch, width = MatrixProduct.PaddedColumns(inputs);
        float[] x = new float[inputs * columns], transposed = new float[columns * width], slope = new float[columns];
        for (int b = 0; b < batch; b++)
        {
            for (int f = 0; f < inputs; f++) x[f * columns + b] = transposed[b * width + f] = (float)random.NextDouble();
            slope[b] = (float)random.NextNormal();
        }

        float[] output = network.Forward(x, panel: 0).ToArray();
        for (int b = 0; b < batch; b++) Assert.Equal(Output(network, x, b, columns), output[b], 1e-5);
        network.Backward(slope, panel: 0);
        for (int share = 0; share < network.Shares; share++) network.SetGradient(share, slope, transposed);
        float[] dAction = new float[columns];
        foreach (var layer in network.Layers)
        {
            for (int probe = 0; probe < 4; probe++)
            {
                int o = random.Next(layer.Outputs), i = random.Next(layer.Inputs);
                Compare(layer.Gradient[(int)(Offset(layer, o) + i)], () => ref layer.WeightsOf(o)[i]);
                Compare(layer.Gradient[^(MatrixProduct.PaddedRows(layer.Outputs) - o)], () => ref layer.BiasOf(o));
            }
        }
        network.BackwardToInput(inputs - 1, slope, dAction, panel: 0);
        for (int b = 0; b < Math.Min(batch, 8); b++)
        {
            int at = (inputs - 1) * columns + b;
            Compare(dAction[b], () => ref x[at]);
        }

        long Offset(DenseLayer layer, int o) => (long)o * MatrixProduct.PaddedColumns(layer.Inputs);

        void Compare(float gradient, FloatPlace place)
        {
            // A step that a float holds exactly; the loss itself is computed in double.
            const float h = 1f / 65536;
            float before = place();
            place() = before + h;
            float up = place();
            double plus = Loss();
            place() = before - h;
            float down = place();
            double minus = Loss();
            place() = before;
            double expected = (plus - minus) / ((double)up - down);
            // The difference quotient errs where a ReLU switches within the step.
            Assert.Equal(expected, gradient, 1e-4 * Math.Max(1, Math.Abs(expected)));
        }

        double Loss()
        {
            double sum = 0;
            for (int b = 0; b < batch; b++) sum += slope[b] * Output(network, x, b, columns);
            return sum;
        }
    }

    [Fact]
    public void Adam_takes_the_published_first_steps_and_the_target_follows()
    {
        var layer = new DenseLayer(1, 1, 0, new SeededRandom(3));
        var target = layer.Target();
        layer.Gradient[0] = 0.5f;
        layer.Update(target, rate: 0.1, t: 1, tau: 0.01);
        // The first step is the rate itself, whatever the gradient's size (Kingma and Ba, section 2.1).
        Assert.Equal(-0.1, layer.Parameters[0], 1e-6);
        Assert.Equal(-0.001, target.Parameters[0], 1e-8);
        layer.Gradient[0] = -0.5f;
        layer.Update(target, rate: 0.1, t: 2, tau: 0.01);
        // m = .9·.05 − .05 = −.005, v = .999·.00025 + .00025; corrected by 1−.81 and 1−.998001.
        double m = (0.9 * 0.05 - 0.05) / (1 - 0.81), v = (0.999 * 0.00025 + 0.00025) / (1 - 0.998001);
        Assert.Equal(-0.1 - 0.1 * m / Math.Sqrt(v), layer.Parameters[0], 1e-5);
    }

    [Theory]
    [InlineData(300, 300, 64)]
    [InlineData(50, 41, 70)]
    [InlineData(17, 9, 5)]
    public void Learning_gives_the_same_bits_with_two_hands_and_with_one(int hidden1, int hidden2, int batch)
    {
        const int updates = 12;
        var (one, two) = (Learned(TwoHands.Alone()), Learned(new TwoHands()));
        Assert.All(one.Zip(two), pair => Assert.Equal(pair.First, pair.Second));

        List<float[]> Learned(TwoHands hands)
        {
            using var _ = hands;
            var (agent, transitions) = Agent(hidden1, hidden2, batch);
            var errors = new float[updates];
            for (int i = 0; i < updates; i++) errors[i] = (float)agent.Learn(transitions, hands);
            return [errors, .. agent.Networks.SelectMany(n => n.Network.Layers).SelectMany(l => (float[][])[[.. l.Parameters], l.Moments.First, l.Moments.Second])];
        }
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        var (agent, transitions) = Agent(40, 30, 64);
        using var hands = TwoHands.Alone();
        agent.Learn(transitions, hands);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) agent.Learn(transitions, hands);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(300, 300)]
    [InlineData(17, 9)]
    public void One_sample_has_the_bits_that_it_has_in_a_panel(int hidden1, int hidden2)
    {
        var random = new SeededRandom(5);
        var network = new DenseNetwork(10, hidden1, hidden2, lastBound: 0.1, 40, random);
        float[] x = Random(10 * MatrixProduct.ColumnStep, random);
        float[] output = network.Forward(x, panel: 1).ToArray();
        for (int sample = 0; sample < output.Length; sample++)
        {
            int at = sample;
            Assert.Equal(output[sample], network.ForwardOne([.. Enumerable.Range(0, 10).Select(f => x[f * MatrixProduct.ColumnStep + at])]));
        }
    }

    [Fact]
    public void Moments_of_dead_units_end_at_zero_and_never_become_subnormal()
    {
        var layer = new DenseLayer(1, 1, 0, new SeededRandom(3));
        var target = layer.Target();
        layer.Gradient[0] = 1;
        layer.Update(target, new AdamStep(0.1, 1, 0.01), 0, layer.Rows);
        layer.Gradient[0] = 0;
        for (int t = 2; t <= 1500; t++)
        {
            layer.Update(target, new AdamStep(0.1, t, 0.01), 0, layer.Rows);
            Assert.False(float.IsSubnormal(layer.Moments.First[0]), $"step {t}");
        }
        Assert.Equal(0, layer.Moments.First[0]);
    }

    [Fact]
    public void Each_half_is_done_once()
    {
        using var hands = new TwoHands();
        for (int i = 0; i < 100; i++)
        {
            int[] done = new int[2];
            hands.Run(half => done[half]++);
            Assert.Equal([1, 1], done);
        }
    }

    private static (ActorCritic Agent, Transition[] Batch) Agent(int hidden1, int hidden2, int batch)
    {
        var random = new SeededRandom(4);
        var agent = new ActorCritic(new DdpgOptions { Hidden1 = hidden1, Hidden2 = hidden2, Batch = batch }, random.Fork("agent"));
        float[] State() => Random(LayerState.Size, random);
        return (agent, [.. Enumerable.Range(0, batch).Select(i => new Transition(State(), (float)random.NextDouble(), (float)random.NextNormal(), State(), i % 9 == 0))]);
    }

    private delegate ref float FloatPlace();

    private static double Output(DenseNetwork network, float[] x, int column, int columns)
    {
        double[] values = [.. Enumerable.Range(0, network.Layers[0].Inputs).Select(f => (double)x[f * columns + column])];
        foreach (var layer in network.Layers)
        {
            double[] next = new double[layer.Outputs];
            for (int o = 0; o < next.Length; o++)
            {
                next[o] = layer.BiasOf(o);
                for (int i = 0; i < values.Length; i++) next[o] += layer.WeightsOf(o)[i] * values[i];
                if (layer.Outputs > 1) next[o] = Math.Max(0, next[o]);
            }
            values = next;
        }
        return values[0];
    }

    private static float[] Random(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)(2 * random.NextDouble() - 1))];
}
