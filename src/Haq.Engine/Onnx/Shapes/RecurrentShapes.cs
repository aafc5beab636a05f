namespace Haq.Engine.Onnx.Shapes;

/// <summary>LSTM, GRU and RNN: X [steps,N,features] (or [N,steps,features] with layout 1).</summary>
internal static class RecurrentShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules => [("LSTM", Recurrent), ("GRU", Recurrent), ("RNN", Recurrent)];

    private static void Recurrent(ShapeContext c)
    {
        long[] x = c.Shape(0);
        bool batchFirst = c.Int("layout", 0) == 1;
        long steps = x[batchFirst ? 1 : 0], batch = x[batchFirst ? 0 : 1], hidden = c.Int("hidden_size", c.Shape(2)[2]);
        long directions = c.Node.Text("direction", "forward") == "bidirectional" ? 2 : 1;
        c.Out(0, c.TypeOf(0), batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]);
        for (int i = 1; i < c.OutputCount; i++) c.Out(i, c.TypeOf(0), batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
    }
}
