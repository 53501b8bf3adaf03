"""Landlab's OverlandFlow (de Almeida et al. 2012) on one job. Run with: PYTHON run_landlab.py JOB.

As its authors advise: the step that it finds itself, and ``steep_slopes`` on steep ground. A film of
``h_init`` covers the ground from the start and is not counted as water.
"""

import os

import numpy as np
from job import Log, read_job, square_gauges, write_result
from landlab import RasterModelGrid
from landlab.components import OverlandFlow


class Counted(OverlandFlow):
    """Counts its steps: the component asks once for the length of each."""

    taken = 0

    def calc_time_step(self) -> float:
        """Length of the next step [s]."""
        self.taken += 1
        return super().calc_time_step()


def main() -> None:
    """Run the job."""
    job, log = read_job(), Log()
    side, rows, cols = job.squares()
    x, y = job.square_centres()
    grid = RasterModelGrid((rows + 2, cols + 2), xy_spacing=side)
    grid.set_closed_boundaries_at_grid_edges(*[True] * 4)
    ground = np.pad(job.ground(x, y), 1, mode="edge")
    grid.add_field("topographic__elevation", ground.ravel(), at="node")
    depth = grid.add_zeros("surface_water__depth", at="node").reshape(ground.shape)[1:-1, 1:-1]
    options = {"steep_slopes": job.steep, **job.options}
    flow = Counted(grid, mannings_n=job.manning, **options)
    film, gauges = depth.copy(), square_gauges(job)
    mouth = np.pad(job.square_mouth(), 1).ravel() if job.inflow else None
    with log.clock():
        for start, end in job.spans():
            rate = job.rain_depth(start, end) / (end - start)
            if mouth is not None:
                rate = rate + mouth * (job.inflow_volume(start, end) / (end - start))
            flow.rainfall_intensity = rate
            flow.run_one_step(dt=end - start)
            log.stop(gauges(depth), flow.taken)
    maps = {"x": x, "y": y, "depth": depth, "area": np.full(x.shape, job.cell_area)}
    write_result(
        job, log, "landlab", maps, scheme="local inertial, squares", before=film.sum() * job.cell_area,
        threads=int(os.environ["OMP_NUM_THREADS"]), precision="float64",
        settings={"alpha": 0.7, "theta": 0.8, "h_init": 1e-5, **options},
    )  # fmt: skip


if __name__ == "__main__":
    main()
